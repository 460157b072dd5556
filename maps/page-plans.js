/* The targets of the plans: what is promised, what was found, and whether that is enough. They
   are the same for every circle. Verdicts are told by sign and word. */
const SIGNS = { met: "✓", not_met: "✗", not_assessed: "?", not_judged: "○", not_spatial: "–" };
const COMPARED = { ">=": "≥", ">": ">", "=": "=" };

function drawPlans() {
  if (!SUMMARY.plans.length) {
    fill("plans");
    return;
  }
  const open = new Set([...document.querySelectorAll("#plans details[open]")].map(({ id }) => id));
  const plans = SUMMARY.plans.map((plan, at) => planTable(plan, at));
  fill("plans", heading("plans"), paragraph("muted", word("plansNote")), ...plans);
  for (const details of document.querySelectorAll("#plans details"))
    details.open = open.has(details.id);
}

/** One plan: a table of what is told of its targets, below it those that no map can tell. */
function planTable(plan, at) {
  const counts = Object.entries(plan.counts).map(
    ([verdict, count]) => `${SIGNS[verdict]} ${word("planVerdicts")[verdict]} ${shown(count)}`,
  );
  const draft = plan.draft ? ` (${word("draftPlan")})` : "";
  const name = element("span", { class: "plan" }, apart(plan[state.lang]), draft);
  name.append(" ", element("span", { class: "below" }, counts.join(word("plansBetween"))));
  const told = plan.targets.map((target, number) => ({ target, number }));
  const spatial = told.filter(({ target }) => target.state !== "not_spatial");
  const parts = plan.notes.map((note) => paragraph("muted", note[state.lang]));
  if (spatial.length)
    parts.push(
      targetTable(
        ["target", "found", "planVerdict"],
        spatial.map(({ target, number }) => targetRows(target, `plans.${at}.targets.${number}`)),
      ),
    );
  const rest = told.filter(({ target }) => target.state === "not_spatial");
  if (rest.length) parts.push(notSpatial(rest, `plan-${at}-rest`));
  const details = folded([name], ...parts);
  details.id = `plan-${at}`;
  return details;
}

function targetTable(headers, groups) {
  const head = headers.map((key) => element("th", { scope: "col" }, word(key)));
  const bodies = groups.map((rows) => element("tbody", {}, ...rows));
  const heads = element("thead", {}, element("tr", {}, ...head));
  const frame = tableFrame(heads, ...bodies);
  const words = frame.textContent;
  if (words.includes(FEW) || words.includes(WITHHELD)) frame.append(paragraph("muted", word("fewNote")));
  return frame;
}

/** A target: its name, figures and verdict, and below them all that explains these. */
function targetRows(target, path) {
  const { state: verdict } = target;
  const sign = element("span", { "aria-hidden": "true" }, SIGNS[verdict]);
  const cells = [
    element("td", {}, apart(target[state.lang])),
    element("td", {}, ...foundAndWanted(target, path)),
    element("td", { class: `told ${verdict}` }, sign, " ", word("planVerdicts")[verdict],
      ...(target.turns ? [" ", element("small", {}, word("turns"))] : [])),
  ];
  const why = element("td", { colspan: 3 }, ...explained(target, path));
  return [element("tr", {}, ...cells), element("tr", { class: "why" }, why)];
}

/** The value above the figure that the plan wants, or only names. */
function foundAndWanted(target, path) {
  const lines = [];
  if (target.value !== null) {
    const label = word("valueOf")[target.measure] || word("rates")[target.rate];
    if (label) lines.push(element("small", {}, label));
    lines.push(element("strong", {}, amount(target, "value", "value_unit", path)));
  }
  if (target.target !== null) {
    const sign = `${COMPARED[target.operator]}\u00a0`;
    let goal = element("span", {}, sign, amount(target, "target", "unit", path));
    if (target.year !== null)
      goal = element("span", {}, ...sentence("goalYear", { goal, year: String(target.year) }));
    lines.push(element("span", {}, ...sentence(target.compared ? "goal" : "planFigure", { goal })));
  }
  return lines.map((line) => element("span", { class: "line" }, line));
}

/** A figure of a target with its unit, which stays away where the figure is withheld. */
function amount(target, key, unitKey, path) {
  const value = target[key];
  const text = isWithheld(value) ? value : shown(Number(value));
  const node = element("span", { class: "figure", "data-figure": `${path}.${key}` }, text);
  if (isWithheld(value) || !target[unitKey]) return node;
  const { [state.lang]: unit } = target[unitKey];
  if (unit !== "%") return element("span", {}, node, ` ${unit}`);
  return element("span", { class: "figure" }, node, state.lang === "zh" ? "%" : " %");
}

/** Clause, what is short, missing, ours, and what stands beside: each on a line of its own. */
function explained(target, path) {
  const lang = state.lang;
  const lines = [sentence("clause", { clause: target.clause })];
  if (target.gap) {
    const text = typeof target.gap === "number" ? shown(target.gap) : target.gap;
    const gap = element("span", { class: "figure", "data-figure": `${path}.gap` }, text);
    lines.push(sentence("planGap", { gap, unit: target.gap_unit[lang] }));
  }
  if (target.other) lines.push(sentence("otherRate", otherRate(target.other)));
  if (target.state === "not_judged") lines.push(sentence("leftOpen", { open: target.open[lang] }));
  for (const input of target.missing) lines.push(sentence("missing", { input: input[lang] }));
  for (const words of target.ours) lines.push([oursMark(), " ", words[lang]]);
  for (const words of target.notes) lines.push(sentence("planSays", { note: words[lang] }));
  return lines.map((line) => element("span", { class: "line" }, ...line));
}

function otherRate({ value, ...words }) {
  const sign = state.lang === "zh" ? "%" : " %";
  return { rate: words[state.lang], share: isWithheld(value) ? value : `${shown(Number(value))}${sign}` };
}

const oursMark = () => element("span", { class: "ours" }, word("ours"));

/** What depends on no place, with the reason. */
function notSpatial(rest, id) {
  const rows = rest.map(({ target }) => [
    apart(target[state.lang]),
    target.reason[state.lang],
  ]);
  const title = plain("notSpatial", { count: shown(rest.length) });
  const details = folded([title], table([word("target"), word("reason")], rows, []));
  details.id = id;
  return details;
}
