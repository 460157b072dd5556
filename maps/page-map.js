/* The map: layers, legend, labels, popups, and the way from a table to a place. */
const NEAR_ZOOM = 16;
const RANKS_FROM_AFAR = 5; // neighbourhoods shown before anybody zooms in
const NEARER = 2; // zoom levels beyond the first view from which all are shown
const PIN_PX = 34;
const RANK_PX = 26;
const APART_PX = 40; // between two ranks

const [west, south, east, north] = SHAPES.extent;
const EXTENT = L.latLngBounds(toPlace([west, south]), toPlace([east, north]));
const canvas = L.canvas();
const map = L.map("map", {
  renderer: canvas,
  zoomSnap: 0.25,
  attributionControl: false,
  fadeAnimation: false,
  zoomAnimation: !calm,
  minZoom: 8,
  maxZoom: 19,
  zoomControl: false,
});
L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
const streets = streetLayer();
const drawn = {
  groups: new Map(),
  quarters: [],
  reach: [], // halo and line of each
  facilities: [],
  neighbourhoods: [],
  ranks: [],
  sites: [],
};

// --- popups

function popup(title, rows) {
  const list = rows.flatMap(([term, value]) => [
    element("dt", {}, ...[term].flat()),
    element("dd", {}, value),
  ]);
  return element("div", { class: "popup" }, element("h3", {}, title), element("dl", {}, ...list));
}

function quarterPopup(at) {
  const minutes = shapes().quarters.minutes[at];
  const group = `${word("people")} (${current().group[state.lang]})`;
  const marks = ALL_ESTIMATED ? [" ", badge()] : [];
  return popup(quarterName(at), [
    [[group, ...marks], quarterPeople(at)],
    [
      word("minutesNearest"),
      minutes === null ? word("notReached") : plain("minutesValue", { minutes }),
    ],
    [word("status"), word("statuses")[shapes().quarters.status[at]]],
  ]);
}

function facilityPopup(at) {
  const { kind, capacity } = shapes().facilities;
  return popup(facilityName(at), [
    [word("kind"), apart(kind[at][state.lang] || NOTHING)],
    [word("capacity"), shown(capacity[at])],
  ]);
}

function neighbourhoodPopup(at) {
  const count = figure(`neighbourhoods.${at}.quarters`);
  return popup(rankedName(current().neighbourhoods[at]), [
    [[word("underserved"), ...estimated()], figure(`neighbourhoods.${at}.people`)],
    [element("span", {}, ...sentence("quarterCount", { count })), ""],
  ]);
}

const sitePopup = (at) =>
  popup(siteName(proposed().chosen[at]), [
    [[word("gain"), ...estimated()], figure(`${proposedPath()}.chosen.${at}.gain_people`)],
  ]);

// --- layers

function marker(xy, face, name, content, zIndexOffset) {
  const icon = L.divIcon({ className: "", html: face, iconSize: null });
  const options = { icon, alt: name, title: name, keyboard: true, zIndexOffset };
  const made = L.marker(toPlace(xy), options).bindPopup(content);
  made.on("add", () => made.getElement().setAttribute("aria-label", name));
  return made;
}

/** The layers of the current circle in drawing order; empty ones are left out. */
function layersOfCircle() {
  const all = [
    { key: "streets", label: word("streets"), swatch: "streets", layers: [streets] },
    ...quarterLayers(),
    ...reachLayers(),
    neighbourhoodLayer(),
    candidateLayer(),
    facilityLayer(),
    siteLayer(),
  ];
  return all.filter(({ layers }) => layers.length);
}

function quarterLayers() {
  const { status } = shapes().quarters;
  const labels = {
    no_people: "quartersEmpty",
    excluded: "quartersExcluded",
    uncovered: "quartersUncovered",
    covered: "quartersCovered",
  };
  drawn.quarters = SHAPES.quarters.shape.map((outline, at) =>
    L.polygon(toArea(outline), quarterStyle(status[at], 0)).bindPopup(() => quarterPopup(at)),
  );
  return Object.entries(labels).map(([its, key]) => {
    const layers = drawn.quarters.filter((_, at) => status[at] === its);
    const swatch = CELLS ? `${its} cells` : its;
    return { key: `quarters-${its}`, label: word(key), swatch, layers };
  });
}

function reachLayers() {
  const { minutes, shape } = shapes().reach;
  drawn.reach = [];
  return minutes.map((limit, at) => {
    const tone = Math.min(at, COLOURS.reach.length - 1);
    const area = toArea(shape[at]);
    const style = reachStyle(tone);
    const layers = [L.polygon(area, { ...style, color: COLOURS.reachHalo[tone] })];
    layers.push(L.polygon(area, style));
    drawn.reach.push(layers);
    const name = plain("reach", { minutes: limit });
    return { key: `reach-${limit}`, label: name, swatch: `reach-${tone}`, layers };
  });
}

function neighbourhoodLayer() {
  const { shape, mark } = shapes().neighbourhoods;
  const style = { fill: false, color: COLOURS.neighbourhood, interactive: false };
  drawn.neighbourhoods = shape.map((area) => L.polygon(toArea(area), style));
  drawn.ranks = mark.map((xy, at) => {
    const one = current().neighbourhoods[at];
    const gaps = { rank: one.rank, name: neighbourhoodName(one).textContent };
    const face = element("span", { class: "rank" }, String(one.rank));
    return marker(xy, face, plain("rankLabel", gaps), () => neighbourhoodPopup(at), -at);
  });
  const layers = [...drawn.neighbourhoods, ...drawn.ranks];
  const name = word("neighbourhoodLayer");
  return { key: "neighbourhoods", label: name, swatch: "neighbourhood", layers };
}

function candidateLayer() {
  const layers = shapes().candidates.map((xy) => L.circleMarker(toPlace(xy), CANDIDATE_STYLE));
  return { key: "candidates", label: word("candidates"), swatch: "candidate", layers };
}

function facilityLayer() {
  drawn.facilities = shapes().facilities.at.map((xy, at) =>
    L.circleMarker(toPlace(xy), FACILITY_STYLE).bindPopup(() => facilityPopup(at)),
  );
  const layers = drawn.facilities;
  return { key: "facilities", label: word("facilities"), swatch: "facility", layers };
}

function siteLayer() {
  drawn.sites = proposedPoints().map((xy, at) => {
    const site = proposed().chosen[at];
    const short = plain("siteShort", { order: site.order });
    const face = element("span", { class: "pin" }, house(), element("b", {}, short));
    const above = 100_000 - 1000 * at; // the first stands above the others
    return marker(xy, face, siteName(site).textContent, () => sitePopup(at), above);
  });
  return { key: "sites", label: word("siteLayer"), swatch: "site", layers: drawn.sites };
}

function drawLayers() {
  for (const group of drawn.groups.values()) group.remove();
  drawn.groups.clear();
  const list = layersOfCircle();
  for (const { key, layers } of list) drawn.groups.set(key, L.layerGroup(layers));
  thinOutlines();
  restack();
  const boxes = list.reverse().map(({ key, label: name, swatch }) => {
    const box = element("input", { type: "checkbox", "data-layer": key });
    box.checked = !state.hidden.has(key);
    box.addEventListener("change", () => setVisible(key, box.checked));
    const sample = element("span", { class: `swatch ${swatch}`, "aria-hidden": "true" });
    if (swatch === "site") sample.append(house());
    if (swatch === "neighbourhood") sample.append("1");
    return element("label", { class: "layer" }, box, sample, name);
  });
  const group = element("div", { role: "group", "aria-label": word("layers") }, ...boxes);
  fill("layers", heading("layers"), group);
}

/** From afar many lines would hide the colours: thin ones, and the first ranks alone. */
function thinOutlines() {
  const thin = map.getZoom() >= 15.5 ? 1 : map.getZoom() >= 14 ? 0.5 : 0;
  const { status } = shapes().quarters;
  drawn.quarters.forEach((outline, at) => outline.setStyle(quarterStyle(status[at], thin)));
  drawn.neighbourhoods.forEach((outline, at) =>
    outline.setStyle({ weight: 1.5 + thin, stroke: at < ranksShown() }),
  );
  for (const [halo, line] of drawn.reach) {
    halo.setStyle({ weight: 3 + 2 * thin });
    line.setStyle({ weight: 1.4 + 0.8 * thin });
  }
}

/** How many neighbourhoods are outlined and labelled. */
const ranksShown = () => (map.getZoom() >= firstZoom + NEARER ? Infinity : RANKS_FROM_AFAR);

/** Hide the ranks that would cover a pin or a better rank, or stand out of view. */
function declutter() {
  const point = (one) => map.latLngToContainerPoint(one.getLatLng());
  const near = (a, b, px) => Math.abs(a.x - b.x) < px && Math.abs(a.y - b.y) < px;
  const pins = state.hidden.has("sites") ? [] : drawn.sites.map(point);
  const taken = [];
  drawn.ranks.forEach((rank, at) => {
    if (!rank.getElement()) return;
    const here = point(rank);
    const free =
      at < ranksShown() &&
      map.getBounds().contains(rank.getLatLng()) &&
      !pins.some((pin) => near(pin, here, (PIN_PX + RANK_PX) / 2)) &&
      !taken.some((other) => near(other, here, APART_PX));
    if (free) taken.push(here);
    rank.getElement().hidden = !free;
  });
}

/** Put the visible layers on the map again, in their order. */
function restack() {
  for (const group of drawn.groups.values()) group.remove();
  for (const [key, group] of drawn.groups) if (!state.hidden.has(key)) group.addTo(map);
  declutter();
}

function setVisible(key, visible) {
  if (visible) state.hidden.delete(key);
  else state.hidden.add(key);
  byId("layers").querySelector(`[data-layer="${key}"]`).checked = visible;
  restack();
}

/** Below the map, never over it; OpenStreetMap and the approval are never folded away. */
function drawCredit() {
  const names = SUMMARY.attributions.map((entry) => entry[state.lang]);
  const always = (name) => name.includes("OpenStreetMap");
  const kept = [approval(), ...names.filter(always), "Leaflet"];
  const others = names.filter((name) => !always(name));
  const parts = [element("span", {}, kept.join(" · "))];
  if (others.length) {
    const more = element("span", { class: "more" }, ` · ${others.join(" · ")}`);
    const attributes = { type: "button", class: "unfold", "aria-expanded": "false" };
    const button = element("button", attributes, `ⓘ ${word("sources")}`);
    button.addEventListener("click", () => {
      const open = byId("credit").classList.toggle("open");
      button.setAttribute("aria-expanded", String(open));
      map.invalidateSize({ animate: false });
    });
    parts.push(more, button);
  }
  byId("credit").classList.remove("open");
  fill("credit", ...parts);
  map.invalidateSize({ animate: false });
}

function drawZoomButtons() {
  if (map.zoomControl) map.zoomControl.remove();
  map.zoomControl = L.control
    .zoom({ zoomInTitle: word("zoomIn"), zoomOutTitle: word("zoomOut"), position: "topright" })
    .addTo(map);
}

// --- from a table to the map

function bring(key, bounds, open) {
  if (state.hidden.has(key)) setVisible(key, true);
  byId("map").scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  map.fitBounds(bounds, { maxZoom: NEAR_ZOOM, padding: [60, 60], animate: false });
  open();
}
const openSite = (at) =>
  bring("sites", drawn.sites[at].getLatLng().toBounds(300), () => drawn.sites[at].openPopup());
const openFacility = (at) =>
  bring("facilities", drawn.facilities[at].getLatLng().toBounds(300), () =>
    drawn.facilities[at].openPopup(),
  );
const openQuarter = (at) =>
  bring(`quarters-${shapes().quarters.status[at]}`, drawn.quarters[at].getBounds(), () =>
    drawn.quarters[at].openPopup(),
  );
function openNeighbourhood(at) {
  const spot = drawn.ranks[at].getLatLng();
  bring("neighbourhoods", drawn.neighbourhoods[at].getBounds(), () =>
    L.popup().setLatLng(spot).setContent(neighbourhoodPopup(at)).openOn(map),
  );
}

let firstZoom = 0;
function showWhole() {
  map.invalidateSize({ animate: false });
  map.fitBounds(EXTENT, { animate: false });
  firstZoom = map.getZoom();
}

showWhole();
map.on("zoomend", thinOutlines);
map.on("moveend", declutter);
map.on("popupopen", ({ popup: opened }) => {
  const close = opened.getElement().querySelector(".leaflet-popup-close-button");
  if (close) close.setAttribute("aria-label", word("close"));
  byId("spoken").textContent = opened.getElement().querySelector(".popup").innerText;
});
