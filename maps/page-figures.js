/* The figures: headline, verdict, neighbourhoods, units, lists, method, sources. */
const ROWS_FIRST = 20; // of the neighbourhoods; a button shows the others
const ROWS_ON_PAPER = 30;
const EXCLUDED = { too_far_from_street: "excluded", no_street_for_walker: "shutOut" };

function drawHeader() {
  const { study } = SUMMARY;
  document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
  document.title = `${study.name} · ${word("kicker")}`;
  for (const node of document.querySelectorAll("[data-text]"))
    node.textContent = word(node.dataset.text);
  byId("language").textContent = word("otherLanguage");
  byId("language").lang = state.lang === "zh" ? "en" : "zh-CN";
  byId("study-name").textContent = study.name;
  byId("study-facts").textContent = dates().join(" · ");
  byId("approval").textContent = approval();
  byId("approval").className = isDraft() ? "draft" : "muted";
  if (isDraft()) byId("map-frame").dataset.draft = word("draftMark");
  byId("paper").setAttribute("aria-label", word("paper"));
  byId("circle-name").textContent = current().name[state.lang];
  byId("map").setAttribute("aria-label", word("mapLabel"));
}

/** The date of the data only where the study states one; the day of the run is not it. */
function dates() {
  const { date, computed, streets_date: streets } = SUMMARY.study;
  const said = [];
  if (date) said.push(plain("asOf", { date }));
  else if (computed) said.push(plain("computed", { date: computed }));
  if (streets) said.push(plain("streetsOf", { date: streets }));
  return said;
}

/** A map without a review, or one that the study does not mean to publish yet. */
function isDraft() {
  const { map_approval_number: number, published } = SUMMARY.study;
  return !number || !published;
}

function approval() {
  return isDraft() ? word("draft") : plain("approval", { number: SUMMARY.study.map_approval_number });
}

function drawCircleSwitch() {
  const buttons = SUMMARY.circles.map((circle, at) => {
    const button = element(
      "button",
      { type: "button", "aria-pressed": at === state.circle },
      circle.name[state.lang],
    );
    button.addEventListener("click", () => {
      state.circle = at;
      state.plan = 0;
      draw();
      byId("circles").children[at].focus();
    });
    return button;
  });
  byId("circles").setAttribute("aria-label", word("circles"));
  fill("circles", ...buttons);
}

function bar(percent, target) {
  const part = element("div", { class: "part" });
  const node = element("div", { class: "bar", "aria-hidden": "true" }, part);
  part.style.width = `${percent || 0}%`;
  if (target !== null) {
    const mark = element("div", { class: "target" });
    mark.style.left = `${Math.min(target, 100)}%`;
    node.append(mark);
  }
  return node;
}

function drawHeadline() {
  const circle = current();
  const group = circle.group[state.lang];
  if (circle.verdict === "not_assessed") {
    fill("headline", paragraph("notice", ...sentence("notAssessed", { group })));
    return;
  }
  const gaps = {
    minutes: String(circle.minutes),
    place: state.lang === "zh" ? place().zh : place().enOne,
    covered: figure("people.covered"),
    input: figure("people.input"),
  };
  const parts = [
    paragraph("lead", ...sentence("headlineBefore", { group })),
    paragraph("big", share("people.percent"), ...estimated()),
    bar(circle.people.percent, circle.target_percent),
    paragraph("lead", ...sentence("headlineAfter", gaps)),
  ];
  if (circle.facilities === 0) {
    const key = circle.sites.chosen.length ? "noStation" : "noStationNoSites";
    parts.unshift(paragraph("notice", ...sentence(key, { place: place()[state.lang] })));
  }
  fill("headline", ...parts);
}

function drawVerdict() {
  const { verdict, people, walker } = current();
  const parts = [];
  if (verdict !== "not_assessed")
    parts.push(paragraph(`verdict ${verdict}`, ...verdictSaid(verdict)));
  for (const [reason, count] of Object.entries(people.excluded)) {
    if (count === 0) continue;
    const gaps = { people: figure(`people.excluded.${reason}`) };
    parts.push(paragraph("muted", ...sentence(EXCLUDED[reason], gaps)));
  }
  const pace = { walker: walker[state.lang], speed: figure("walker.metres_per_second") };
  parts.push(paragraph("muted", ...sentence("walker", pace)));
  fill("verdict", ...parts);
}

function verdictSaid(verdict) {
  if (verdict === "no_target") return sentence("verdictNone");
  const target = share("target_percent");
  if (verdict === "met") return ["✓ ", ...sentence("verdictMet", { target })];
  return ["✗ ", ...sentence("verdictNotMet", { target, people: figure("people_to_target") })];
}

function drawShares() {
  const row = (title, key, detail) =>
    element(
      "div",
      { class: "share" },
      element("span", { class: "label" }, word(title)),
      element("span", { class: "value" }, share(`${key}.percent`)),
      bar(current()[key].percent, null),
      element("span", { class: "muted" }, ...detail),
    );
  const counts = (key) =>
    sentence("ofCount", { covered: figure(`${key}.covered`), input: figure(`${key}.input`) });
  fill(
    "shares",
    heading("shares", ...estimated()),
    row("sharePeople", "people", counts("people")),
    row("shareQuarters", "quarters", counts("quarters")),
    row("shareLand", "land_m2", []),
  );
}

/** A short paragraph of what else is measured; the tables hold it all. */
function drawAccess() {
  if (current().verdict === "not_assessed") {
    fill("access");
    return;
  }
  const parts = [paragraph("", ...withinMinutes()), paragraph("", ...secondChoice(), ...speeds())];
  if (current().facilities !== 0) parts.push(paragraph("", ...placesSaid()));
  fill("access", heading("access", ...estimated()), ...parts);
}

function withinMinutes() {
  return current().access.within.flatMap((_, at) => {
    const path = `access.within.${at}`;
    const gaps = { minutes: figure(`${path}.minutes`), percent: share(`${path}.people.percent`) };
    const said = sentence("accessWithin", gaps);
    return at ? [word("accessBetween"), ...said] : said;
  });
}

function secondChoice() {
  const gaps = { minutes: figure("minutes"), percent: share("access.backup.1.percent") };
  return [...sentence("accessTwo", gaps), " "];
}

/** The share at the slowest and the fastest speed, and whether the verdict holds for all. */
function speeds() {
  const { band, doubt } = current().access;
  const ends = { slow: 0, fast: band.speeds.length - 1 };
  // one figure where no speed makes a difference
  const [low, high] = [ends.slow, ends.fast].map((at) => band.speeds[at].people.percent);
  const said = sentence(low === high ? "accessBandSame" : "accessBand", {
    slow: figure(`access.band.speeds.${ends.slow}.metres_per_second`),
    fast: figure(`access.band.speeds.${ends.fast}.metres_per_second`),
    low: share(`access.band.speeds.${ends.slow}.people.percent`),
    high: share(`access.band.speeds.${ends.fast}.people.percent`),
  });
  if (current().target_percent === null) return said;
  said.push(" ", element("strong", {}, word(band.flips ? "accessFlips" : "accessHolds")));
  if (doubt)
    said.push(" ", ...sentence("accessChance", { percent: share("access.doubt.met_percent") }));
  return said;
}

function placesSaid() {
  const { assessed, demand_percent: asking } = current().access.places;
  if (assessed === "not_assessed") return sentence("accessNoPlaces");
  const said = sentence("accessPlaces", {
    share: share("access.places.demand_percent"),
    demand: figure("access.places.demand"),
    placed: figure("access.places.placed"),
    without: figure("access.places.without_place"),
  });
  if (asking === 100) said.push(" ", ...sentence("accessEverybody"));
  if (assessed === "partly") said.push(" ", ...sentence("accessPartly"));
  return said;
}

function drawNeighbourhoods() {
  const { neighbourhoods } = current();
  if (!neighbourhoods.length) {
    fill("neighbourhoods", heading("neighbourhoods"), element("p", {}, word("neighbourhoodsNone")));
    return;
  }
  const rows = neighbourhoods.map((one, at) => [
    link(
      rankedName(one),
      () => openNeighbourhood(at),
      ...sentence("quarterCount", { count: figure(`neighbourhoods.${at}.quarters`) }),
      ...(one.minutes === null
        ? []
        : [" · ", ...sentence("halfWithin", { minutes: figure(`neighbourhoods.${at}.minutes`) })]),
    ),
    figure(`neighbourhoods.${at}.people`),
  ]);
  const list = table([word("neighbourhood"), word("underserved")], rows, [1]);
  fill("neighbourhoods", heading("neighbourhoods", ...estimated()), list, ...shorter(list));
}

/** Keep the first rows of a long table; what else there is, is said. */
function shorter(list) {
  const rows = [...list.querySelectorAll("tbody tr")];
  const count = shown(rows.length);
  rows.slice(ROWS_FIRST).forEach((row) => row.classList.add("late"));
  rows.slice(ROWS_ON_PAPER).forEach((row) => row.classList.add("not-on-paper"));
  if (rows.length <= ROWS_FIRST) return [];
  const all = element("button", { type: "button", class: "all" }, plain("showAll", { count }));
  all.addEventListener("click", () => {
    list.classList.add("whole");
    all.remove();
    rows[ROWS_FIRST].querySelector("button").focus();
  });
  if (rows.length <= ROWS_ON_PAPER) return [all];
  const note = plain("paperRows", { count, rows: ROWS_ON_PAPER });
  return [all, paragraph("muted on-paper-only", note)];
}

function drawUnits() {
  const units = current().by_unit;
  if (!units.length) {
    fill("units");
    return;
  }
  const rows = units.map(({ name, level }, at) => {
    const people = (what) => figure(`by_unit.${at}.people.${what}`);
    const counts = sentence("ofPeople", { covered: people("covered"), input: people("input") });
    const cell = element("span", { class: "cell" }, name ? apart(name) : word("noUnit"));
    const kind = level ? `${word("levels")[level] || level} · ` : "";
    cell.append(" ", element("span", { class: "below" }, kind, ...counts));
    return [cell, share(`by_unit.${at}.people.percent`)];
  });
  const title = [plain("units", { count: shown(units.length) }), ...estimated()];
  fill("units", folded(title, table([word("unit"), word("coveredShare")], rows, [1])));
}

/** A list that is built only when somebody opens it: a city has thousands of quarters. */
function lateList(key, count, build) {
  const details = folded([plain(key, { count: shown(count) })]);
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(build());
  });
  return details;
}

function drawLists() {
  fill(
    "lists",
    lateList("allFacilities", shapes().facilities.name.length, facilityTable),
    lateList("allQuarters", SHAPES.quarters.name.length, quarterTable),
  );
}

function facilityTable() {
  const { name, kind, capacity } = shapes().facilities;
  const rows = name.map((_, at) => [
    link(facilityName(at), () => openFacility(at)),
    apart(kind[at][state.lang]),
    shown(capacity[at]),
  ]);
  return table([word("name"), word("kind"), word("capacity")], rows, [2]);
}

function quarterTable() {
  const { minutes, status } = shapes().quarters;
  const rows = SHAPES.quarters.name.map((_, at) => [
    link(quarterName(at), () => openQuarter(at), word("statuses")[status[at]]),
    quarterPeople(at),
    shown(minutes[at]),
  ]);
  const people = element("span", {}, word("people"));
  if (ALL_ESTIMATED) people.append(" ", badge());
  else if (SOME_ESTIMATED) people.append(" ", element("small", {}, word("estimatedSome")));
  return table([word("name"), people, word("minutesNearest")], rows, [1, 2]);
}

const SOME_ESTIMATED = SHAPES.quarters.estimated.some(Boolean);
const ALL_ESTIMATED = SHAPES.quarters.estimated.every(Boolean);

/** The people of a quarter; where only some are estimated, each of those says so. */
function quarterPeople(at) {
  const people = element("span", { class: "figure" }, shown(shapes().quarters.people[at]));
  if (ALL_ESTIMATED || !SHAPES.quarters.estimated[at]) return people;
  return element("span", {}, element("abbr", { title: word("estimatedLong") }, "≈"), " ", people);
}

/** How far the simplified area of some minutes is from what was walked. */
function reachWords(row) {
  return plain("outlineOff", {
    minutes: row.minutes,
    late: row.late_percent,
    seconds: row.overshoot_s,
    inside: shown(row.homes_not_reached),
    outside: shown(row.homes_left_out),
  });
}

function drawMethod() {
  const first = SUMMARY.assumptions.filter((entry) => entry.id === "mechanism");
  const others = SUMMARY.assumptions.filter((entry) => entry.id !== "mechanism");
  const statements = [
    ...others.map((entry) => entry[state.lang]),
    word("cut"),
    word("outline"),
    ...current().simplified_reach.map(reachWords),
    word("fewNote"),
    ...(current().estimated ? [word("estimatedNote")] : []),
    word("modelled"),
  ];
  const method = folded(
    [word("method")],
    ...first.map((entry) => paragraph("mechanism", entry[state.lang])),
    element("ul", {}, ...statements.map((text) => element("li", {}, text))),
  );
  method.open = true;
  fill("method", method);
}

function drawSources() {
  const names = SUMMARY.attributions.map((entry) => entry[state.lang]);
  const items = [...names, approval(), ...dates()].map((text) => element("li", {}, text));
  fill("sources", heading("sources"), element("ul", {}, ...items));
}
