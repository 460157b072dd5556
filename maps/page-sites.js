/* The proposed stations: those of the run, or the plans of a study of sites and its frontier. */

function drawSites() {
  const { site_study: study, stations_to_target: stations } = current();
  const plan = proposed();
  const parts = [heading("sites", ...(plan.chosen.length || stations ? estimated() : []))];
  if (study) parts.push(...asked(study));
  if (plan.chosen.length) {
    const gaps = {
      before: share("people.percent"),
      people: figure(`${proposedPath()}.people_gained`),
      percent: share(`${proposedPath()}.percent_after`),
    };
    parts.push(element("p", {}, ...sentence(study ? "sitesChange" : "sitesGain", gaps)));
  }
  if (plan.seats) parts.push(...places());
  if (plan.chosen.length) {
    const rows = plan.chosen.map((site, at) => [
      link(siteName(site), () => openSite(at)),
      figure(`${proposedPath()}.chosen.${at}.gain_people`),
    ]);
    parts.push(table([word("place"), word(plan.seats ? "seatGain" : "gain")], rows, [1]));
  }
  if (plan.walk) parts.push(element("p", {}, ...walks(plan.walk)));
  if (study) parts.push(...enlargements(plan), ...closures(plan));
  parts.push(paragraph("muted", ...proven(plan, Boolean(study))));
  if (study && study.frontier) parts.push(...frontier(study.frontier));
  if (stations) parts.push(paragraph("muted", ...fewest(stations)));
  fill("sites", ...parts);
}

/** What was sought and kept to, and a button for each plan. */
function asked({ plans, goal_words: goal, conditions }) {
  const parts = [paragraph("muted", ...sentence("siteGoal", { goal: goal[state.lang] }))];
  const said = conditions.map((words) => words[state.lang]).join(word("listComma"));
  if (said) parts.push(paragraph("muted", ...sentence("siteConditions", { said: apart(said) })));
  if (plans.length < 2) return parts;
  const buttons = plans.map(({ asked: count }, at) => {
    const attributes = { type: "button", "aria-pressed": at === state.plan };
    const text = count === null ? word("planFree") : plain("planOf", { count });
    const button = element("button", attributes, text);
    button.addEventListener("click", () => {
      state.plan = at;
      draw();
      byId("site-plans").children[at].focus();
    });
    return button;
  });
  const label = word("sitePlans");
  const group = { id: "site-plans", class: "switch", role: "group", "aria-label": label };
  return [...parts, element("div", group, ...buttons)];
}

/** Who has a place before and after. */
function places() {
  const path = `${proposedPath()}.seats`;
  const gaps = {
    asking: figure(`${path}.asking`),
    served: figure(`${path}.served_before`),
    before: share(`${path}.percent_before`),
    people: figure(`${path}.served_after`),
    percent: share(`${path}.percent_after`),
  };
  return [element("p", {}, ...sentence("seatsChange", gaps))];
}

function enlargements({ enlarged }) {
  if (!enlarged.length) return [];
  const rows = enlarged.map(({ name }, at) => [
    apart(name || NOTHING),
    figure(`${proposedPath()}.enlarged.${at}.seats`),
    figure(`${proposedPath()}.enlarged.${at}.gain_people`),
  ]);
  return [table([word("siteEnlarges"), word("seatsThen"), word("seatGain")], rows, [1, 2])];
}

/** How people walk before and after, where the plan seeks walks. */
function walks({ limit_minutes: limit }) {
  const path = `${proposedPath()}.walk`;
  return sentence("siteWalks", {
    limit,
    meanBefore: figure(`${path}.before.mean_minutes`),
    meanAfter: figure(`${path}.after.mean_minutes`),
    longestBefore: figure(`${path}.before.longest_minutes`),
    longestAfter: figure(`${path}.after.longest_minutes`),
    beyondBefore: figure(`${path}.before.people_beyond`),
    beyondAfter: figure(`${path}.after.people_beyond`),
  });
}

function closures({ closed }) {
  if (!closed.length) return [];
  const rows = closed.map(({ name }, at) => [
    apart(name || NOTHING),
    figure(`${proposedPath()}.closed.${at}.loss_people`),
  ]);
  return [table([word("siteCloses"), word("loss")], rows, [1])];
}

function proven(plan, studied) {
  const gaps = { among: among(proposedPath()), gap: share(`${proposedPath()}.gap_percent`) };
  if (studied) return sentence(plan.status === "optimal" ? "goalProven" : "goalOpen", gaps);
  const proofs = {
    optimal: "sitesOptimal",
    time_limit: "sitesTimeLimit",
    nothing_to_gain: "sitesNothing",
  };
  return sentence(proofs[plan.status], gaps);
}

/** The best share for each price, as a table with bars. */
function frontier({ price, points, complete }) {
  const path = "site_study.frontier.points";
  const seats = Boolean(proposed().seats);
  const rows = points.map(({ percent }, at) => [
    figure(`${path}.${at}.price`),
    element("span", {}, share(`${path}.${at}.percent`), bar(percent, current().target_percent)),
  ]);
  const title = element("h3", {}, word("frontier"));
  const list = table([word("frontierPrice")[price], word(seats ? "frontierSeats" : "frontierShare")], rows, [0]);
  return [title, list, paragraph("muted", word(complete ? "frontierProven" : "frontierOpen"))];
}

/** What a proof holds for: these places and no others. */
function among(path) {
  const spaced = lookUp(pathOf(`${path}.spacing_m`)) !== null;
  const gaps = { candidates: figure(`${path}.candidates`) };
  if (spaced) gaps.spacing = figure(`${path}.spacing_m`);
  return element("span", {}, ...sentence(spaced ? "amongSpaced" : "among", gaps));
}

function fewest(stations) {
  const gaps = {
    among: among("sites"),
    target: share("target_percent"),
    reachable: share("stations_to_target.reachable_percent"),
    count: figure("stations_to_target.count"),
    bound: figure("stations_to_target.lower_bound"),
  };
  if (stations.count === null) return sentence("stationsNever", gaps);
  return sentence(stations.proven ? "stationsProven" : "stationsBetween", gaps);
}
