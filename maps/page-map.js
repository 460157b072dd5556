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
  ways: [],
  candidates: [],
  pins: new Map(),
  statuses: [], // what each quarter is painted as
};

// --- popups

function popup(title, rows, actions = []) {
  const list = rows.flatMap(([term, value]) => [
    element("dt", {}, ...[term].flat()),
    element("dd", {}, value),
  ]);
  const face = [element("h3", {}, title), element("dl", {}, ...list), ...actions];
  return element("div", { class: "popup" }, ...face);
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
    ...(drawnScenario.statuses
      ? [[word("statusThen"), word("statuses")[statusNow(at)]]]
      : []),
  ]);
}

function facilityPopup(at) {
  const { kind, capacity } = shapes().facilities;
  const rows = [
    [word("kind"), apart(kind[at][state.lang] || NOTHING)],
    [word("capacity"), shown(capacity[at])],
  ];
  return popup(facilityName(at), rows, facilityAction(at));
}

function neighbourhoodPopup(at) {
  const count = figure(`neighbourhoods.${at}.quarters`);
  return popup(rankedName(current().neighbourhoods[at]), [
    [[word("underserved"), ...estimated()], figure(`neighbourhoods.${at}.people`)],
    [element("span", {}, ...sentence("quarterCount", { count })), ""],
  ]);
}

function sitePopup(at) {
  const gain = figure(`${proposedPath()}.chosen.${at}.gain_people`);
  const rows = [[[word("gain"), ...estimated()], gain]];
  return popup(siteName(proposed().chosen[at]), rows, candidateAction(proposedAt()[at]));
}

const candidatePopup = (at) => popup(candidateName(at), [], candidateAction(at));

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
    wayLayer(),
    siteLayer(),
  ];
  return all.filter(({ layers }) => layers.length);
}

function quarterLayers() {
  const labels = {
    no_people: "quartersEmpty",
    excluded: "quartersExcluded",
    uncovered: "quartersUncovered",
    covered: "quartersCovered",
  };
  drawn.quarters = SHAPES.quarters.shape.map((outline, at) =>
    L.polygon(toArea(outline)).bindPopup(() => quarterPopup(at)),
  );
  return Object.entries(labels).map(([its, key]) => {
    const layers = drawn.quarters.filter((_, at) => canBecome(at, its));
    const swatch = CELLS ? `${its} cells` : its;
    return { key: `quarters-${its}`, label: word(key), swatch, layers };
  });
}

/** In a scenario a quarter may change between covered and not. */
function canBecome(at, status) {
  const today = shapes().quarters.status[at];
  const walks = ["covered", "uncovered"];
  return today === status || (canTry() && walks.includes(today) && walks.includes(status));
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
  const proposedNow = new Set(proposedAt());
  drawn.candidates = shapes().candidates.map((xy, at) =>
    L.circleMarker(toPlace(xy), candidateStyle(at)).bindPopup(() => candidatePopup(at)),
  );
  const layers = drawn.candidates.filter((_, at) => !proposedNow.has(at));
  return { key: "candidates", label: word("candidates"), swatch: "candidate", layers };
}

/** Stations closed or opened in a scenario look it. */
function restyleStations() {
  drawn.facilities.forEach((one, at) => one.setStyle(facilityStyle(at)));
  drawn.candidates.forEach((one, at) => one.setStyle(candidateStyle(at)));
  drawn.sites.forEach((one, at) => markBuilt(one, proposedAt()[at]));
}

const isOpened = (at) => scenario.opened[state.circle].has(at);
const facilityStyle = (at) =>
  scenario.closed[state.circle].has(at) ? { ...FACILITY_STYLE, ...CLOSED_STYLE } : FACILITY_STYLE;
const candidateStyle = (at) => (isOpened(at) ? OPENED_STYLE : CANDIDATE_STYLE);

/** A proposed site that is switched on has a star. */
function markBuilt(one, at) {
  const face = one.getElement()?.querySelector(".pin");
  if (face) face.classList.toggle("built", isOpened(at));
}

function facilityLayer() {
  drawn.facilities = shapes().facilities.at.map((xy, at) =>
    L.circleMarker(toPlace(xy), facilityStyle(at)).bindPopup(() => facilityPopup(at)),
  );
  const layers = drawn.facilities;
  return { key: "facilities", label: word("facilities"), swatch: "facility", layers };
}

function siteLayer() {
  drawn.sites = proposedAt().map((candidate, at) => {
    const xy = shapes().candidates[candidate];
    const site = proposed().chosen[at];
    const short = plain("siteShort", { order: site.order });
    const face = element("span", { class: "pin" }, house(), element("b", {}, short));
    const above = 100_000 - 1000 * at; // the first stands above the others
    const made = marker(xy, face, siteName(site).textContent, () => sitePopup(at), above);
    return made.on("add", () => markBuilt(made, candidate));
  });
  return { key: "sites", label: word("siteLayer"), swatch: "site", layers: drawn.sites };
}

function drawLayers() {
  for (const group of drawn.groups.values()) group.remove();
  drawn.groups.clear();
  const list = layersOfCircle();
  drawn.groups.set("quarters", L.layerGroup(drawn.quarters)); // hidden ones are not painted
  for (const { key, layers } of list)
    if (!isQuarters(key)) drawn.groups.set(key, L.layerGroup(layers));
  thinOutlines();
  restack();
  drawPins();
  const boxes = list.reverse().map(({ key, label: name, swatch }) => {
    const box = element("input", { type: "checkbox", "data-layer": key });
    box.checked = !state.hidden.has(key);
    box.disabled = Boolean(drawnScenario.statuses) && isTodays(key);
    box.addEventListener("change", () => setVisible(key, box.checked));
    const sample = element("span", { class: `swatch ${swatch}`, "aria-hidden": "true" });
    if (swatch === "site") sample.append(house());
    if (swatch === "neighbourhood") sample.append("1");
    return element("label", { class: "layer" }, box, sample, name);
  });
  const group = element("div", { role: "group", "aria-label": word("layers") }, ...boxes);
  fill("layers", heading("layers"), group);
}

/** After a change of the scenario: only quarters whose status is another are touched. */
function repaintQuarters() {
  const thin = lineWidth();
  drawn.quarters.forEach((outline, at) => {
    if (statusNow(at) !== drawn.statuses[at]) drawn.statuses[at] = paintQuarter(outline, at, thin);
  });
}

function paintQuarter(outline, at, thin) {
  const status = statusNow(at);
  const hidden = state.hidden.has(`quarters-${status}`);
  const style = quarterStyle(status, thin);
  outline.setStyle(hidden ? { fill: false, stroke: false } : { fill: true, stroke: true, ...style });
  return status;
}

const isQuarters = (key) => key.startsWith("quarters-");
/** Areas and rankings of today say nothing of a scenario: they stand aside while one is shown. */
const isTodays = (key) => key === "neighbourhoods" || key.startsWith("reach-");
const isOnMap = (key) => !state.hidden.has(key) && !(drawnScenario.statuses && isTodays(key));

/** Between today and a scenario: no layer is made anew. */
function showTodays() {
  for (const [key, group] of drawn.groups) {
    if (!isTodays(key)) continue;
    byId("layers").querySelector(`[data-layer="${key}"]`).disabled = Boolean(drawnScenario.statuses);
    if (isOnMap(key)) group.addTo(map);
    else group.remove();
  }
  for (const one of [...drawn.candidates, ...drawn.facilities]) if (one._map) one.bringToFront();
  declutter();
}

const lineWidth = () => (map.getZoom() >= 15.5 ? 1 : map.getZoom() >= 14 ? 0.5 : 0);

/** From afar many lines would hide the colours: thin ones, and the first ranks alone. */
function thinOutlines() {
  const thin = lineWidth();
  drawn.statuses = drawn.quarters.map((outline, at) => paintQuarter(outline, at, thin));
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
  for (const [key, group] of drawn.groups) if (isOnMap(key)) group.addTo(map);
  declutter();
}

function setVisible(key, visible) {
  if (visible) state.hidden.delete(key);
  else state.hidden.add(key);
  byId("layers").querySelector(`[data-layer="${key}"]`).checked = visible;
  if (isQuarters(key)) thinOutlines();
  else restack();
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
  bring(`quarters-${statusNow(at)}`, drawn.quarters[at].getBounds(), () =>
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
/** A place touched for a station or a comment is no touch on what lies there: no popup may open. */
map.getContainer().addEventListener(
  "click",
  (event) => {
    const placing = state.placing || comments.placing;
    if (!placing || map.dragging.moved() || event.target.closest(".leaflet-control")) return;
    event.stopPropagation();
    (comments.placing ? beginComment : addPin)(map.mouseEventToLatLng(event));
  },
  true,
);
map.on("popupopen", ({ popup: opened }) => {
  const close = opened.getElement().querySelector(".leaflet-popup-close-button");
  if (close) close.setAttribute("aria-label", word("close"));
  byId("spoken").textContent = opened.getElement().querySelector(".popup").innerText;
});
