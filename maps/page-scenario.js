/* A scenario of one's own: stations closed, opened or set anywhere, other minutes, another walker.
   It is counted over the embedded streets, and stands in the address of the page. */
const WALKS = SHAPES.walk;
const STREETS = WALKS && readStreets(WALKS.streets);
const HOME_QUARTER = WALKS && unpackSteps(WALKS.quarter_of_home);
const LEAST_MINUTES = 5;
const MOST_MINUTES = 30;
const SEARCHED_MINUTES = 60; // how far the nearest stations of a quarter are looked for

const scenario = { minutes: null, walker: null, closed: [], opened: [], pins: [] };
for (const _ of SUMMARY.circles) {
  scenario.closed.push(new Set());
  scenario.opened.push(new Set());
}

const walksOf = (circle) => WALKS && WALKS.circles[circle];
/** The circle shown can be tried out. */
const canTry = () => Boolean(walksOf(state.circle));

/** Nothing that this circle's figures depend on is changed. */
const isCircleToday = (circle) =>
  scenario.minutes === null &&
  scenario.walker === null &&
  !scenario.closed[circle].size &&
  !scenario.opened[circle].size &&
  !scenario.pins.some((pin) => pin.circle === circle);
const isToday = () => SUMMARY.circles.every((_, circle) => isCircleToday(circle));

function backToToday() {
  scenario.minutes = scenario.walker = null;
  scenario.pins = [];
  for (const chosen of [...scenario.closed, ...scenario.opened]) chosen.clear();
}

/** What a plan of the current circle builds and closes, and nothing else. */
function takePlan(at) {
  backToToday();
  const { opened, closed } = plansOnMap()[at];
  scenario.opened[state.circle] = new Set(opened);
  scenario.closed[state.circle] = new Set(closed);
}

const minutesOf = (circle) => scenario.minutes ?? SUMMARY.circles[circle].minutes;
const walkerOf = (circle) => scenario.walker ?? walksOf(circle).walker;

// --- what is read once and kept

const kept = new Map();
function once(key, make) {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key);
}
const timesOf = (walker) =>
  once(`times ${walker}`, () => edgeTimes(STREETS, WALKS.walkers[walker]));
const homesOf = (walker) =>
  once(`homes ${walker}`, () => readLegs(WALKS.walkers[walker].homes));
const facilitiesOf = (walker) =>
  once(`facilities ${walker}`, () => readLegs(WALKS.walkers[walker].facilities));
const candidatesOf = (circle) =>
  once(`candidates ${circle}`, () => readLegs(walksOf(circle).candidates));
const peopleOf = (circle) =>
  once(`people ${circle}`, () => Float64Array.from(unpack(walksOf(circle).people)));
const homesOfQuarters = () =>
  once("quarters", () => {
    const homes = SHAPES.quarters.name.map(() => []);
    HOME_QUARTER.forEach((quarter, home) => homes[quarter].push(home));
    return homes;
  });

// --- pins

const unitsToMetres = () =>
  once("metres", () => {
    const [, south, , north] = SHAPES.extent;
    const latitude = ((toDegrees(south, 1) + toDegrees(north, 1)) / 2) * (Math.PI / 180);
    const metres = 111_320 / SHAPES.units_per_degree;
    return [metres * Math.cos(latitude), metres];
  });

/** Where a pin's door opens, looked for once: all of a scenario is counted with each change. */
const pinLegs = (pin, walker) =>
  once(`pin ${pin.x} ${pin.y} ${walker}`, () => nearestStreet(pin, walker));

/** The nearest place of a street the walker can use; null if far. */
function nearestStreet(pin, walker) {
  const times = timesOf(walker);
  const [wide, high] = unitsToMetres();
  let least = WALKS.snap_limit_m ** 2;
  let found = null;
  for (let edge = 0; edge < STREETS.mm.length; edge += 1) {
    if (!STREETS.opens[edge] || times.there[edge] < 0) continue;
    const a = STREETS.first[edge];
    const b = STREETS.second[edge];
    const east = (STREETS.x[b] - STREETS.x[a]) * wide;
    const north = (STREETS.y[b] - STREETS.y[a]) * high;
    const x = (pin.x - STREETS.x[a]) * wide;
    const y = (pin.y - STREETS.y[a]) * high;
    const squared = east * east + north * north;
    const part = squared > 0 ? Math.min(1, Math.max(0, (x * east + y * north) / squared)) : 0;
    const apartM = (x - part * east) ** 2 + (y - part * north) ** 2;
    if (apartM > least || (found && apartM === least)) continue;
    least = apartM;
    found = { edge, offset: Math.round(part * STREETS.mm[edge]) };
  }
  return found && { ...found, leg: Math.round(1000 * Math.sqrt(least)) };
}

// --- the answer

/** All stations of a circle that stand in the scenario: what each is, and its legs. */
function standing(circle) {
  const walker = walkerOf(circle);
  const all = facilitiesOf(walker);
  const stations = [];
  walksOf(circle).facilities.forEach((row, at) => {
    if (!scenario.closed[circle].has(at))
      stations.push({ kind: "facility", at, legs: legsOf(all, row) });
  });
  for (const at of scenario.opened[circle])
    stations.push({ kind: "candidate", at, legs: legsOf(candidatesOf(circle), at) });
  scenario.pins.forEach((pin, at) => {
    const legs = pin.circle === circle && pinLegs(pin, walker);
    if (legs) stations.push({ kind: "pin", at, legs: [legs] });
  });
  return stations;
}

/** The walk of every home in the scenario, and how many people are within the minutes.

    People of small quarters are counted by even shares: what these count too much or too little
    today is known, and taken off. */
function answer(circle) {
  const { label, limit } = walked(circle, walkerOf(circle), minutesOf(circle), standing(circle));
  const people = peopleWithin(label, peopleOf(circle), limit) + missedToday(circle);
  return { label, limit, people: Math.max(0, people) };
}

function walked(circle, walker, minutes, stations) {
  const limit = minutes * MINUTE_MS;
  const legs = stations.map((one) => one.legs);
  const asked = [STREETS, timesOf(walker), legs, walksOf(circle).way, limit];
  const { label } = walkDoors(...asked, homesOf(walker), walkAll(...asked));
  return { label, limit };
}

/** People whom the run counts today and this page does not; 0 where no share is even. */
const missedToday = (circle) =>
  once(`missed ${circle}`, () => {
    const { covered } = SUMMARY.circles[circle].people;
    if (!walksOf(circle).people_shared || typeof covered !== "number") return 0;
    const { walker } = walksOf(circle);
    const all = facilitiesOf(walker);
    const today = walksOf(circle).facilities.map((row) => ({ legs: legsOf(all, row) }));
    const { label, limit } = walked(circle, walker, SUMMARY.circles[circle].minutes, today);
    return covered - peopleWithin(label, peopleOf(circle), limit);
  });

/** Whether half of the people of each quarter get there in time, as the run decides it. */
function statusesOf(circle, { label, limit }) {
  const people = peopleOf(circle);
  const doors = homesOf(walkerOf(circle));
  return homesOfQuarters().map((homes) => {
    let all = 0;
    let within = 0;
    let attached = 0;
    for (const home of homes) {
      all += people[home];
      if (msOf(label[home]) <= limit) within += people[home];
      if (isAttached(doors, home)) attached += people[home];
    }
    if (all === 0) return "no_people";
    if (attached === 0) return "excluded";
    return 2 * within >= all ? "covered" : "uncovered";
  });
}

function isAttached(doors, point) {
  for (let at = doors.start[point]; at < doors.start[point + 1]; at += 1)
    if (doors.edge[at] >= 0) return true;
  return false;
}

/** The home of a quarter by whose walk half of its people have arrived. */
function middleHome(circle, quarter, label) {
  const people = peopleOf(circle);
  const homes = [...homesOfQuarters()[quarter]].sort((a, b) => label[a] - label[b] || a - b);
  const all = homes.reduce((sum, home) => sum + people[home], 0);
  let upto = 0;
  return homes.find((home) => 2 * (upto += people[home]) >= all) ?? homes[0];
}

// --- the address of the page

const pairs = (sets) =>
  sets.flatMap((chosen, circle) => [...chosen].map((at) => `${circle}.${at}`)).join("_");

function writeAddress() {
  const parts = new URLSearchParams();
  if (state.circle) parts.set("c", state.circle);
  if (state.lang !== DATA.lang) parts.set("l", state.lang);
  if (state.plan) parts.set("p", state.plan);
  if (state.quarter !== null) parts.set("q", state.quarter);
  if (scenario.minutes !== null) parts.set("m", scenario.minutes);
  if (scenario.walker !== null) parts.set("w", scenario.walker);
  if (pairs(scenario.closed)) parts.set("x", pairs(scenario.closed));
  if (pairs(scenario.opened)) parts.set("o", pairs(scenario.opened));
  const pins = scenario.pins.map(({ circle, x, y }) => `${circle}.${x}.${y}`).join("_");
  if (pins) parts.set("n", pins);
  const hash = parts.toString();
  try {
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
  } catch {
    // some viewers of files keep their address: the page works without
  }
}

/** Take what an address says; what it says wrongly is left out. */
function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const whole = (name, below) => {
    const text = parts.get(name) || "";
    return /^\d{1,9}$/.test(text) && Number(text) < below ? Number(text) : null;
  };
  const lists = (name) =>
    (parts.get(name) || "")
      .split("_")
      .map((one) => one.split(".").map(Number))
      .filter((one) => one.every(Number.isInteger) && walksOf(one[0]));
  state.circle = whole("c", SUMMARY.circles.length) ?? 0;
  state.lang = parts.get("l") in TEXTS ? parts.get("l") : DATA.lang;
  state.plan = whole("p", (current().site_study?.plans || []).length) ?? 0;
  state.quarter = whole("q", SHAPES.quarters.name.length);
  backToToday();
  if (!WALKS) return;
  const minutes = whole("m", MOST_MINUTES + 1);
  scenario.minutes = minutes >= LEAST_MINUTES ? minutes : null;
  scenario.walker = whole("w", WALKS.walkers.length);
  for (const [circle, at] of lists("x"))
    if (at >= 0 && at < walksOf(circle).facilities.length) scenario.closed[circle].add(at);
  for (const [circle, at] of lists("o"))
    if (at >= 0 && at < SHAPES.circles[circle].candidates.length) scenario.opened[circle].add(at);
  scenario.pins = lists("n")
    .filter((one) => one.length === 3)
    .map(([circle, x, y]) => ({ circle, x, y }));
}
