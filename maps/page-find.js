/* "How far is it from where I live?": a quarter by its name, its nearest stations, the way there
   and what costs the time. */
const FOUND_MOST = 8;
const NEAREST_MOST = 3;
const WAY_STYLE = { color: "#c2185b", weight: 5, opacity: 0.9, interactive: false };
const found = { text: "", way: null };

function drawFind() {
  const input = element("input", {
    type: "search",
    id: "find-text",
    autocomplete: "off",
    value: found.text,
    "aria-describedby": "find-hint",
  });
  input.addEventListener("input", () => {
    found.text = input.value;
    drawMatches();
  });
  const label = element("label", { for: "find-text", class: "ask" }, word("findLabel"));
  fill(
    "find",
    heading("find"),
    label,
    input,
    element("p", { id: "find-hint", class: "muted" }, word("findHint")),
    element("div", { id: "find-matches", role: "group", "aria-label": word("findMatches") }),
    element("div", { id: "found" }),
  );
  drawMatches();
  drawFound();
}

/** Quarters whose name, unit or number holds what was typed. */
function matches() {
  const text = found.text.trim().toLowerCase();
  if (!text) return [];
  const { name, unit } = SHAPES.quarters;
  const at = name.map((one, index) => index);
  return at.filter((index) =>
    `${name[index]} ${SHAPES.units[unit[index]] || ""} ${index + 1}`.toLowerCase().includes(text),
  );
}

function drawMatches() {
  const all = matches();
  const rows = all.slice(0, FOUND_MOST).map((at) => link(quarterName(at), () => findQuarter(at)));
  if (all.length > FOUND_MOST)
    rows.push(paragraph("muted", plain("findMore", { count: shown(all.length - FOUND_MOST) })));
  if (found.text.trim() && !all.length) rows.push(paragraph("muted", word("findNone")));
  fill("find-matches", ...rows);
}

function findQuarter(at) {
  state.quarter = at;
  found.text = "";
  writeAddress();
  drawFind();
  drawComments();
  openQuarter(at);
  byId("found").querySelector("h3").focus();
}

/** What is told of the quarter that was looked for. */
function drawFound() {
  if (found.way) found.way.remove();
  found.way = null;
  const at = state.quarter;
  if (at === null || !byId("found")) {
    if (byId("found")) fill("found");
    return;
  }
  const title = element("h3", { tabindex: "-1" }, quarterName(at));
  const minutes = shapes().quarters.minutes[at];
  const said = minutes === null ? word("notReached") : plain("minutesValue", { minutes });
  const parts = [title, paragraph("", word("minutesNearest"), ": ", said, " · ", word("statuses")[statusNow(at)])];
  if (canTry()) parts.push(...nearestParts(at));
  const away = element("button", { type: "button" }, word("close"));
  away.addEventListener("click", () => {
    state.quarter = null;
    writeAddress();
    drawFind();
    drawComments();
    byId("find-text").focus();
  });
  fill("found", ...parts, away);
}

function nearestParts(quarter) {
  const home = doorOfQuarter(quarter);
  const stations = standing(state.circle);
  const near = stationsFrom(home, stations);
  if (!near.length) {
    const nothing = plain("nearNone", { minutes: SEARCHED_MINUTES });
    return [paragraph("muted", nothing), placeHere(home)];
  }
  const rows = near.slice(0, NEAREST_MOST).map(({ ms, station }) => [
    link(stationName(station), () => showWay(home, station)),
    plain("minutesValue", { minutes: Math.ceil(ms / MINUTE_MS) }),
  ]);
  const place = placeHere(home);
  return [
    element("h4", {}, word("nearTitle")),
    table([word("name"), word("walk")], rows, [1]),
    element("div", { id: "way", "aria-live": "polite" }),
    place,
  ];
}

/** The door whose walk is the quarter's: half of its people have arrived by then. */
function doorOfQuarter(quarter) {
  const circle = state.circle;
  const walker = walkerOf(circle);
  const { label } = walked(circle, walker, SEARCHED_MINUTES, standing(circle));
  return middleHome(circle, quarter, label);
}

/** All stations within the search from one home, the nearest first. */
function stationsFrom(home, stations) {
  const { way } = walksOf(state.circle);
  const turned = way === "to" ? "from" : "to";
  const walker = walkerOf(state.circle);
  const limit = SEARCHED_MINUTES * MINUTE_MS;
  const asked = [STREETS, timesOf(walker), [legsOf(homesOf(walker), home)], turned, limit];
  const nodes = walkAll(...asked);
  const doors = {
    start: startsOf(stations.map(({ legs }) => legs.length)),
    edge: stations.flatMap(({ legs }) => legs.map((one) => one.edge)),
    offset: stations.flatMap(({ legs }) => legs.map((one) => one.offset)),
    leg: stations.flatMap(({ legs }) => legs.map((one) => one.leg)),
  };
  const { label } = walkDoors(...asked, doors, nodes);
  return stations
    .map((station, at) => ({ station, ms: msOf(label[at]) }))
    .filter(({ ms }) => ms !== NEVER)
    .sort((a, b) => a.ms - b.ms);
}

function stationName({ kind, at }) {
  if (kind === "facility") return facilityName(at);
  if (kind === "candidate") return candidateName(at);
  return element("span", {}, plain("ownStation", { number: at + 1 }));
}

function placeHere(home) {
  const doors = homesOf(walkerOf(state.circle));
  const edge = doors.edge[doors.start[home]];
  const button = element("button", { type: "button" }, word("placeHere"));
  button.disabled = edge < 0;
  button.addEventListener("click", () => {
    const [x, y] = placeOn(edge, doors.offset[doors.start[home]]).map(Math.round);
    scenario.pins.push({ circle: state.circle, x, y });
    change();
  });
  return button;
}

/** A place on an edge, in units of the map. */
function placeOn(edge, offset) {
  const part = STREETS.mm[edge] > 0 ? offset / STREETS.mm[edge] : 0;
  const a = STREETS.first[edge];
  const b = STREETS.second[edge];
  return [
    STREETS.x[a] + part * (STREETS.x[b] - STREETS.x[a]),
    STREETS.y[a] + part * (STREETS.y[b] - STREETS.y[a]),
  ];
}

// --- the way

/** The walk between a home and a station: places, and time by what is walked on. */
function wayTo(home, station) {
  const { way } = walksOf(state.circle);
  const walker = walkerOf(state.circle);
  const times = timesOf(walker);
  const doors = homesOf(walker);
  const limit = SEARCHED_MINUTES * MINUTE_MS;
  const asked = [STREETS, times, [station.legs], way, limit];
  const nodes = walkAll(...asked);
  const one = {
    start: Int32Array.of(0, doors.start[home + 1] - doors.start[home]),
    edge: doors.edge.subarray(doors.start[home], doors.start[home + 1]),
    offset: doors.offset.subarray(doors.start[home], doors.start[home + 1]),
    leg: doors.leg.subarray(doors.start[home], doors.start[home + 1]),
  };
  const { label, by } = walkDoors(...asked, one, nodes);
  return followed(station, times, way, one, by[0], msOf(label[0]), nodes);
}

/** Follow the labels from a home's foot to the station's. */
function followed(station, times, way, home, leg, wholeMs, nodes) {
  const to = way === "to";
  const costs = new Map();
  const pay = (kind, ms) => costs.set(kind, (costs.get(kind) || 0) + ms);
  const edge = home.edge[leg];
  const offset = home.offset[leg];
  const places = [placeOn(edge, offset)];
  const legMs = legTime(home.leg[leg], times.mmPerS);
  pay("leg", legMs);
  const at = timesAt(STREETS, times, edge, offset);
  const first = nodes.label[STREETS.first[edge]] + (to ? at.toFirst : at.fromFirst) * STATIONS;
  const second = nodes.label[STREETS.second[edge]] + (to ? at.toSecond : at.fromSecond) * STATIONS;
  const around = legMs + msOf(Math.min(first, second));
  if (around > wholeMs) {
    // the station is on the same edge
    const its = station.legs.filter((one) => one.edge === edge);
    const whole = (one) =>
      alongEdge(STREETS, times, edge, offset, one.offset, to) + legTime(one.leg, times.mmPerS);
    const nearest = its.reduce((a, b) => (whole(b) < whole(a) ? b : a));
    pay(kindOf(edge), alongEdge(STREETS, times, edge, offset, nearest.offset, to));
    pay("leg", legTime(nearest.leg, times.mmPerS));
    places.push(placeOn(edge, nearest.offset));
    return { places, costs, ms: wholeMs };
  }
  const towards = first <= second;
  let node = towards ? STREETS.first[edge] : STREETS.second[edge];
  if (towards) pay(kindOf(edge), to ? at.toFirst : at.fromFirst);
  else pay(kindOf(edge), to ? at.toSecond : at.fromSecond);
  places.push([STREETS.x[node], STREETS.y[node]]);
  while (nodes.via[node] >= 0) {
    const arc = nodes.via[node];
    const passed = arc >> 1;
    const next = arc & 1 ? STREETS.second[passed] : STREETS.first[passed];
    pay(kindOf(passed), msOf(nodes.label[node]) - msOf(nodes.label[next]));
    node = next;
    places.push([STREETS.x[node], STREETS.y[node]]);
  }
  const last = station.legs
    .filter((one) => one.edge >= 0 && times.there[one.edge] >= 0)
    .map((one) => ({ one, ms: timesAt(STREETS, times, one.edge, one.offset) }))
    .map(({ one, ms }) => {
      const fits = [];
      const whole = legTime(one.leg, times.mmPerS);
      if (STREETS.first[one.edge] === node) fits.push(to ? ms.fromFirst : ms.toFirst);
      if (STREETS.second[one.edge] === node) fits.push(to ? ms.fromSecond : ms.toSecond);
      return { one, street: Math.min(...fits, NEVER), whole };
    })
    .reduce((a, b) => (b.street + b.whole < a.street + a.whole ? b : a));
  pay(kindOf(last.one.edge), last.street);
  pay("leg", last.whole);
  places.push(placeOn(last.one.edge, last.one.offset));
  return { places, costs, ms: wholeMs };
}

const kindOf = (edge) => STREETS.kinds[STREETS.kind[edge]];

function showWay(home, station) {
  const { places, costs, ms } = wayTo(home, station);
  if (found.way) found.way.remove();
  found.way = L.polyline(places.map(toPlace), WAY_STYLE).addTo(map);
  map.closePopup();
  map.fitBounds(found.way.getBounds(), { maxZoom: 17, padding: [40, 40], animate: false });
  const rows = wayCosts(costs).map(([name, cost]) => [word("walkedOn")[name], minutesAndSeconds(cost)]);
  fill(
    "way",
    element("h4", {}, ...sentence("wayTitle", { name: stationName(station), time: minutesAndSeconds(ms) })),
    table([word("wayPart"), word("walk")], rows, [1]),
  );
  byId("map").scrollIntoView({ block: "nearest" });
}

/** Waits at roads are one thing to whoever waits; the largest part comes first. */
function wayCosts(costs) {
  const joined = new Map();
  for (const [kind, ms] of costs) {
    const name = kind.startsWith("wait_") ? "wait" : kind;
    joined.set(name, (joined.get(name) || 0) + ms);
  }
  return [...joined].filter(([, ms]) => ms > 0).sort((a, b) => b[1] - a[1]);
}

function minutesAndSeconds(ms) {
  const seconds = Math.ceil(ms / 1000);
  const gaps = { minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
  return plain("minutesSeconds", gaps);
}
