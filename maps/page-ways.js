/* New gates and footpaths: those of the plan whose number of stations is chosen. */
const WAY_LINES = [
  { color: "#ffffff", weight: 9, opacity: 0.9, interactive: false },
  { color: "#7b1fa2", weight: 5, opacity: 1, interactive: false },
];

/** The answer beside the plan chosen above; none where ways were not asked for. */
const waysNow = () => {
  const { site_ways: all = [] } = current();
  return all.length ? Math.min(state.plan, all.length - 1) : null;
};

function wayName({ kind, quarter, street }) {
  const node = element("span", { class: "name" }, kind[state.lang]);
  if (quarter) node.append(" · ", apart(quarter));
  else if (street) node.append(" · ", ...sentence("near", { street: apart(street) }));
  return node;
}

function drawWays() {
  const at = waysNow();
  if (at === null) {
    fill("ways");
    return;
  }
  const { chosen, status, stations } = current().site_ways[at];
  const path = `site_ways.${at}`;
  const parts = [heading("ways", ...estimated())];
  if (!chosen.length) parts.push(element("p", {}, word("waysNone")));
  else {
    const gaps = { stations, percent: share(`${path}.percent_after`) };
    parts.push(element("p", {}, ...sentence("waysGain", gaps)));
    const rows = chosen.map((way, number) => [
      link(wayName(way), () => openWay(number)),
      figure(`${path}.chosen.${number}.people_alone`),
    ]);
    parts.push(table([word("way"), word("wayAlone")], rows, [1]));
  }
  parts.push(paragraph("muted", word(status === "optimal" ? "waysProven" : "waysOpen")));
  parts.push(paragraph("muted", word("waysGround")));
  fill("ways", ...parts);
}

const wayEnds = () => {
  const at = waysNow();
  return at === null ? [] : shapes().site_ways[at];
};

function wayLayer() {
  drawn.ways = wayEnds().map((ends, at) => {
    const place = ends.map(toPlace);
    const lines = WAY_LINES.map((style) => L.polyline(place, style));
    const name = wayName(current().site_ways[waysNow()].chosen[at]).textContent;
    const face = element("span", { class: "way-mark" }, String(at + 1));
    const content = () =>
      popup(wayName(current().site_ways[waysNow()].chosen[at]), [
        [
          [word("wayAlone"), ...estimated()],
          figure(`site_ways.${waysNow()}.chosen.${at}.people_alone`),
        ],
      ]);
    return { lines, mark: marker(ends[0], face, name, content, 50_000) };
  });
  const layers = drawn.ways.flatMap(({ lines, mark }) => [...lines, mark]);
  return { key: "ways", label: word("wayLayer"), swatch: "way", layers };
}

const openWay = (at) => {
  const { mark } = drawn.ways[at];
  bring("ways", mark.getLatLng().toBounds(200), () => mark.openPopup());
};
