/* Trying out: the part of the panel where a scenario of one's own is made, and its results. */
const drawnScenario = { results: null, statuses: null };

/** Count anew after a change; the map repaints what is different. */
function recount() {
  writeAddress();
  if (!WALKS) return;
  drawnScenario.results = SUMMARY.circles.map((_, circle) =>
    isCircleToday(circle) || !walksOf(circle) ? null : answer(circle),
  );
  const shownNow = drawnScenario.results[state.circle];
  drawnScenario.statuses = shownNow && statusesOf(state.circle, shownNow);
}

/** A change: count, and draw only what can differ. */
function change() {
  const wasToday = !drawnScenario.statuses;
  recount();
  repaintQuarters();
  if (wasToday !== !drawnScenario.statuses) showTodays();
  restyleStations();
  drawPins();
  drawOwnHeadline();
  drawTryout();
  drawFound();
  byId("spoken").textContent = byId("own").textContent;
}

const statusNow = (at) => (drawnScenario.statuses || shapes().quarters.status)[at];

// --- figures

/** People of a scenario; a few stay unsaid, and shares of a group are marked as such. */
function ownPeople(circle) {
  const people = drawnScenario.results[circle].people;
  const text = people > 0 && people < 10 ? FEW : shown(people);
  return (walksOf(circle).people_shared ? "≈ " : "") + text;
}

function ownPercent(circle) {
  const { people } = drawnScenario.results[circle];
  const whole = SUMMARY.circles[circle].people.input;
  if (typeof whole !== "number" || (people > 0 && people < 10)) return null;
  return Math.floor((people * 1000) / whole) / 10;
}

function ownShare(circle) {
  const percent = ownPercent(circle);
  if (percent === null) return NOTHING;
  const sign = state.lang === "zh" ? "%" : " %";
  return (walksOf(circle).people_shared ? "≈ " : "") + shown(percent) + sign;
}

/** Above the headline of today, what the scenario makes of it. */
function drawOwnHeadline() {
  const { results } = drawnScenario;
  if (!results || !results[state.circle]) {
    fill("own");
    return;
  }
  const gaps = { percent: ownShare(state.circle), minutes: minutesOf(state.circle) };
  const back = element("button", { type: "button" }, word("tryToday"));
  back.addEventListener("click", () => {
    backToToday();
    change();
    byId("circles").children[state.circle].focus();
  });
  fill("own", element("p", {}, ...sentence("ownHeadline", gaps)), back);
}

function resultsTable() {
  const { results } = drawnScenario;
  const rows = SUMMARY.circles.map(({ name, people }, circle) => [
    name[state.lang],
    percentText(people.percent),
    results && results[circle] ? ownShare(circle) : percentText(people.percent),
    results && results[circle] ? ownPeople(circle) : shown(people.covered),
  ]);
  const heads = ["circle", "today", "withChanges", "peopleThen"].map(word);
  return table(heads, rows, [1, 2, 3]);
}

const percentText = (percent) =>
  percent === null ? NOTHING : shown(percent) + (state.lang === "zh" ? "%" : " %");

// --- the part of the panel

function drawTryout() {
  if (!WALKS) {
    fill("tryout");
    return;
  }
  const focused = document.activeElement?.id;
  if (!canTry()) {
    fill("tryout", heading("tryout"), paragraph("muted", word("tryNot")));
    return;
  }
  fill(
    "tryout",
    heading("tryout", ...estimated()),
    paragraph("muted", word("tryHow")),
    presets(),
    minutesSlider(),
    ...walkerChoice(),
    placeButton(),
    ...changesList(),
    resultsTable(),
    ...tryNotes(),
  );
  if (focused && byId(focused)) byId(focused).focus();
}

const plansOnMap = () => {
  const { sites, site_plans: plans } = shapes();
  return current().site_study ? plans : [{ opened: sites, closed: [] }];
};

function presets() {
  const group = element("div", { class: "switch", role: "group", "aria-label": word("presets") });
  const add = (id, text, pressed, act) => {
    const button = element("button", { type: "button", id, "aria-pressed": pressed }, text);
    button.addEventListener("click", () => {
      act();
      change();
    });
    group.append(button);
  };
  add("preset-today", word("today"), isToday(), backToToday);
  plansOnMap().forEach(({ opened, closed }, at) => {
    if (!opened.length && !closed.length) return;
    const plan = current().site_study?.plans[at];
    const text = plan ? (plan.asked === null ? word("planFree") : plain("planOf", { count: plan.asked })) : word("proposedPlan");
    const same = isPlan(opened, closed);
    add(`preset-${at}`, text, same, () => takePlan(at));
  });
  return group;
}

function isPlan(opened, closed) {
  const same = (set, list) => set.size === list.length && list.every((at) => set.has(at));
  const here = state.circle;
  const others = SUMMARY.circles.map((_, at) => at).filter((at) => at !== here);
  return (
    scenario.minutes === null &&
    scenario.walker === null &&
    !scenario.pins.length &&
    same(scenario.opened[here], opened) &&
    same(scenario.closed[here], closed) &&
    others.every((at) => !scenario.opened[at].size && !scenario.closed[at].size)
  );
}

function minutesSlider() {
  const minutes = minutesOf(state.circle);
  const input = element("input", {
    type: "range",
    id: "own-minutes",
    min: Math.min(LEAST_MINUTES, minutes),
    max: Math.max(MOST_MINUTES, minutes),
    value: minutes,
  });
  input.addEventListener("input", () => {
    scenario.minutes = Number(input.value) === current().minutes ? null : Number(input.value);
    change();
  });
  const value = element("output", { for: "own-minutes" }, plain("minutesValue", { minutes }));
  return element("label", { class: "control" }, word("tryMinutes"), input, value);
}

function walkerChoice() {
  if (WALKS.walkers.length < 2) return [];
  const choice = element("select", { id: "own-walker" });
  const own = WALKS.walkers[walksOf(state.circle).walker];
  const options = [[null, plain("ownWalker", { walker: own[state.lang] })]];
  WALKS.walkers.forEach((one, at) => {
    const speed = shown(one.mm_per_s / 1000);
    options.push([at, plain("walkerOption", { walker: one[state.lang], speed })]);
  });
  for (const [at, text] of options) {
    const option = element("option", { value: at ?? "" }, text);
    option.selected = scenario.walker === at;
    choice.append(option);
  }
  choice.addEventListener("change", () => {
    scenario.walker = choice.value === "" ? null : Number(choice.value);
    change();
  });
  return [element("label", { class: "control" }, word("tryWalker"), choice)];
}

function placeButton() {
  const attributes = { type: "button", id: "own-place", "aria-pressed": state.placing };
  const button = element("button", attributes, word(state.placing ? "placeNow" : "placePin"));
  button.addEventListener("click", () => {
    state.placing = !state.placing;
    byId("map").classList.toggle("placing", state.placing);
    drawTryout();
    if (state.placing) byId("map").scrollIntoView({ block: "nearest" });
  });
  return button;
}

/** What differs from today in the circle shown, each with the way back. */
function changesList() {
  const here = state.circle;
  const rows = [];
  const add = (text, undo) => {
    const button = element("button", { type: "button", class: "undo" }, word("undo"));
    button.setAttribute("aria-label", `${word("undo")}: ${text.textContent}`);
    button.addEventListener("click", () => {
      undo();
      change();
      byId("own-place").focus();
    });
    rows.push(element("li", {}, text, button));
  };
  for (const at of scenario.closed[here])
    add(element("span", {}, ...sentence("changeClosed", { name: facilityName(at) })), () =>
      scenario.closed[here].delete(at),
    );
  for (const at of scenario.opened[here])
    add(element("span", {}, ...sentence("changeOpened", { name: candidateName(at) })), () =>
      scenario.opened[here].delete(at),
    );
  scenario.pins.forEach((pin, at) => {
    if (pin.circle !== here) return;
    const street = pinStreet(pin);
    const key = pinLegs(pin, walkerOf(here)) ? "changePin" : "changePinFar";
    const name = element("span", {}, plain("ownStation", { number: at + 1 }));
    if (street) name.append(" · ", ...sentence("near", { street: apart(street) }));
    add(element("span", {}, ...sentence(key, { name })), () => scenario.pins.splice(at, 1));
  });
  return rows.length ? [element("ul", { class: "changes" }, ...rows)] : [];
}

function pinStreet(pin) {
  const legs = pinLegs(pin, walkerOf(pin.circle));
  return legs && STREETS.street ? STREETS.names[STREETS.street[legs.edge]] || "" : "";
}

/** A candidate by its place among the proposed ones, else by its street, else by its number. */
function candidateName(at) {
  const order = proposedAt().indexOf(at);
  if (order >= 0) return siteName(proposed().chosen[order]);
  const edge = candidatesOf(state.circle).edge[candidatesOf(state.circle).start[at]];
  const street = edge >= 0 && STREETS.street ? STREETS.names[STREETS.street[edge]] : "";
  const node = element("span", {}, plain("candidateNumber", { number: at + 1 }));
  if (street) node.append(" · ", ...sentence("near", { street: apart(street) }));
  return node;
}

function tryNotes() {
  const { people_shared: shared } = walksOf(state.circle);
  const notes = [paragraph("muted", word("tryNote"))];
  const proposedNow = plansOnMap().findIndex(({ opened, closed }) => isPlan(opened, closed));
  if (proposedNow >= 0 && (proposed().chosen || []).length && proposedNow === (current().site_study ? state.plan : 0))
    notes.unshift(paragraph("", ...sentence("planProven", { percent: share(`${proposedPath()}.percent_after`) })));
  if (shared) notes.push(paragraph("muted", ...sentence("tryShared", { people: shown(shared) })));
  return notes;
}

// --- on the map

function toggleFacility(at) {
  const chosen = scenario.closed[state.circle];
  if (!chosen.delete(at)) chosen.add(at);
  map.closePopup();
  change();
}

function toggleCandidate(at) {
  const chosen = scenario.opened[state.circle];
  if (!chosen.delete(at)) chosen.add(at);
  map.closePopup();
  change();
}

function switchButton(text, act) {
  const button = element("button", { type: "button", class: "act" }, text);
  button.addEventListener("click", act);
  return button;
}

function facilityAction(at) {
  if (!canTry()) return [];
  const key = scenario.closed[state.circle].has(at) ? "reopen" : "closeIt";
  return [switchButton(word(key), () => toggleFacility(at))];
}

function candidateAction(at) {
  if (!canTry()) return [];
  const key = scenario.opened[state.circle].has(at) ? "takeAway" : "openHere";
  return [switchButton(word(key), () => toggleCandidate(at))];
}

function addPin(place) {
  const [x, y] = toUnits(place);
  scenario.pins.push({ circle: state.circle, x, y });
  state.placing = false;
  byId("map").classList.remove("placing");
  change();
}

const toUnits = ({ lat, lng }) =>
  [lng, lat].map((degrees, at) => Math.round(degrees * SHAPES.units_per_degree - SHAPES.origin[at]));

/** Pins that are where they were stay as they are: making a marker costs a part of a frame. */
function drawPins() {
  const wanted = new Map();
  scenario.pins.forEach((pin, at) => {
    if (pin.circle === state.circle) wanted.set(`${at} ${pin.x} ${pin.y} ${state.lang}`, [pin, at]);
  });
  for (const [key, { made, pin }] of drawn.pins) {
    if (wanted.has(key) && wanted.get(key)[0] === pin) continue;
    made.remove();
    drawn.pins.delete(key);
  }
  for (const [key, [pin, at]] of wanted)
    if (!drawn.pins.has(key)) drawn.pins.set(key, { pin, made: pinMarker(pin, at).addTo(map) });
}

function pinMarker(pin, at) {
  const name = plain("ownStation", { number: at + 1 });
  const face = element("span", { class: "pin mine" }, house(), element("b", {}, "★"));
  const content = () =>
    popup(document.createTextNode(name), [], [
      switchButton(word("takeAway"), () => {
        scenario.pins.splice(at, 1);
        map.closePopup();
        change();
      }),
    ]);
  const made = marker([pin.x, pin.y], face, name, content, 200_000);
  made.options.draggable = true;
  made.on("dragend", () => {
    [pin.x, pin.y] = toUnits(made.getLatLng());
    change();
  });
  return made;
}
