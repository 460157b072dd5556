/* What every part of the page is made of. Every text reaches the page as a text node, never
   as markup. Every figure is read from the embedded summary by its path, which stands
   beside it in data-figure. */
const DATA = JSON.parse(document.getElementById("data").textContent);
const SUMMARY = DATA.summary;
const SHAPES = DATA.map;
const CELLS = Boolean(SUMMARY.study.cells);
const FEW = "<10";
const WITHHELD = "*";
const NOTHING = "–";
const isWithheld = (text) => text === FEW || text === WITHHELD;

const state = {
  lang: DATA.lang,
  circle: 0,
  plan: 0,
  quarter: null, // the one that was looked for
  placing: false, // the next place touched on the map becomes a station
  hidden: new Set(["candidates"]),
};
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const byId = (id) => document.getElementById(id);
const current = () => SUMMARY.circles[state.circle];
const shapes = () => SHAPES.circles[state.circle];
/** The stations proposed: a plan of the study of sites where there is one, else the run's. */
const proposedPath = () => (current().site_study ? `site_study.plans.${state.plan}` : "sites");
const proposed = () =>
  current().site_study ? current().site_study.plans[state.plan] : current().sites;
/** Positions of the proposed sites among the candidates. */
const proposedAt = () =>
  current().site_study ? shapes().site_plans[state.plan].opened : shapes().sites;
const place = () => PLACES[current().service] || ANY_PLACE;

function word(key) {
  const words = TEXTS[state.lang];
  return (CELLS && words.cells[key]) || words[key];
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children); // a string becomes a text node
  return node;
}

const fill = (id, ...children) => byId(id).replaceChildren(...children);

/** Nodes of a sentence such as "{covered} of {input}", its gaps filled. */
function sentence(key, gaps = {}) {
  return word(key)
    .split(/(\{\w+\})/)
    .map((part) => (/^\{\w+\}$/.test(part) ? gaps[part.slice(1, -1)] : part))
    .map((part) => (part instanceof Node ? part : document.createTextNode(String(part))));
}
const plain = (key, gaps) =>
  sentence(key, gaps)
    .map((node) => node.textContent)
    .join("");
const paragraph = (className, ...children) => element("p", { class: className }, ...children);

// --- names

/** Somebody's name as it is, apart from the text around it. */
const apart = (text) => element("bdi", {}, text);

/** What can be found on the spot: a name, else the street, else a number; then the unit. */
function label({ name, street, unit }, unnamed, number) {
  const node = element("span", { class: "name" });
  if (name) node.append(apart(name));
  else if (street) node.append(...sentence("near", { street: apart(street) }));
  else node.append(plain(unnamed, { number }));
  if (unit) node.append(...sentence("inUnit", { unit: apart(unit) }));
  return node;
}

function quarterName(at) {
  const { name, unit } = SHAPES.quarters;
  return label({ name: name[at], unit: SHAPES.units[unit[at]] }, "unnamedQuarter", at + 1);
}
const facilityName = (at) =>
  label({ name: shapes().facilities.name[at] }, "unnamedFacility", at + 1);
const neighbourhoodName = (one) => label(one, "unnamedNeighbourhood", one.rank);
const rankedName = (one) => element("span", {}, `${one.rank} · `, neighbourhoodName(one));

function siteName({ order, name, street }) {
  const node = element("span", { class: "name" }, plain("site", { order }));
  if (name) node.append(" · ", apart(name));
  else if (street) node.append(" · ", ...sentence("near", { street: apart(street) }));
  return node;
}

// --- figures

function shown(value) {
  if (value === null || value === undefined) return NOTHING;
  if (typeof value !== "number") return value;
  return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
}

const lookUp = (path) => path.split(".").reduce((value, key) => value[key], SUMMARY);
const pathOf = (tail) => `circles.${state.circle}.${tail}`;

/** A figure of the current circle; `tail` as in summary.json. */
function figure(tail) {
  const path = pathOf(tail);
  return element("span", { class: "figure", "data-figure": path }, shown(lookUp(path)));
}

/** A share of the current circle with its sign. */
function share(tail) {
  const number = figure(tail);
  if (lookUp(pathOf(tail)) === null) return number;
  const sign = element("span", { class: "sign" }, state.lang === "zh" ? "%" : " %");
  return element("span", { class: "figure" }, number, sign);
}

/** Says once, for all below a heading, that its people are estimated. */
const badge = () =>
  element("abbr", { class: "estimate", title: word("estimatedLong") }, word("estimated"));
const estimated = () => (current().estimated ? [" ", badge()] : []);

// --- lists

/** A table of two or more columns; `rows` hold nodes or texts. */
function table(headers, rows, numeric) {
  const kind = (at) => ({ class: numeric.includes(at) ? "number" : "" });
  const head = headers.map((text, at) => element("th", { scope: "col", ...kind(at) }, text));
  const body = rows.map((cells) =>
    element("tr", {}, ...cells.map((cell, at) => element("td", kind(at), cell))),
  );
  const frame = tableFrame(
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
  if ([...frame.querySelectorAll(".figure")].some((node) => isWithheld(node.textContent)))
    frame.append(paragraph("muted", word("fewNote")));
  return frame;
}

/** A table in a frame; a frame that scrolls can be reached and moved by keyboard. */
function tableFrame(...parts) {
  const frame = element("div", { class: "table" }, element("table", {}, ...parts));
  new ResizeObserver(() => {
    const fits = frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight;
    if (fits) frame.removeAttribute("tabindex");
    else frame.tabIndex = 0;
  }).observe(frame);
  return frame;
}

/** A name that brings its place on the map, with a small line below it. */
function link(content, open, ...below) {
  const button = element("button", { type: "button", class: "row" }, content);
  if (below.length) button.append(" ", element("span", { class: "below" }, ...below));
  button.addEventListener("click", open);
  return button;
}

const heading = (key, ...marks) => element("h2", {}, word(key), ...marks);

/** A part that can be folded away. */
const folded = (title, ...content) =>
  element("details", {}, element("summary", {}, ...title), ...content);
