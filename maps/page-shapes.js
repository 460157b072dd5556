/* How shapes come out of the embedded numbers, and what they look like.

   The palette is told apart by the colour-blind and in grey. Quarters are see-through
   fills; isochrones are lines with a halo above them, so that neither hides the other. */
const COLOURS = {
  covered: "#2C7FB8",
  coveredLine: "#0f4066",
  uncovered: "#FDB863",
  uncoveredLine: "#9A4F00",
  excluded: "#8D8D95",
  noPeople: "#D9D9D6",
  reach: ["#ffffcc", "#41b6c4", "#253494"], // longest walk first
  reachHalo: ["#5c5c1c", "#ffffff", "#ffffff"],
  neighbourhood: "#7A3B00",
  majorStreet: "#cfc9bd",
  minorStreet: "#e2ddd3",
};

// As `encoding.py` draws them: steps, lifts, waits and the insides of squares are not.
const MAJOR_KINDS = ["street"];
const MINOR_KINDS = ["footway", "path", "crossing"];

const toDegrees = (units, at) => (SHAPES.origin[at] + units) / SHAPES.units_per_degree;
const toPlace = ([x, y]) => [toDegrees(y, 1), toDegrees(x, 0)];

/** The polygons of an area: how many, of each its rings, of each ring its steps. */
function toArea(text) {
  const numbers = unpack(text);
  let at = 0;
  const many = (make) => Array.from({ length: numbers[at++] }, make);
  return many(() => many(() => toRing()));

  function toRing() {
    const ring = [];
    let x = 0;
    let y = 0;
    for (const end = at + 1 + numbers[at++]; at < end; at += 2) {
      x += numbers[at];
      y += numbers[at + 1];
      ring.push(toPlace([x, y]));
    }
    return ring;
  }
}

/** A fill of stripes, so that colour is never the only sign. */
function hatch(background, line) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 10;
  const pen = tile.getContext("2d");
  pen.fillStyle = background;
  pen.fillRect(0, 0, 10, 10);
  pen.strokeStyle = line;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const start of [-10, 0, 10]) {
    pen.moveTo(start, 10);
    pen.lineTo(start + 10, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

const QUARTER_FILLS = {
  covered: { fillColor: COLOURS.covered, color: COLOURS.coveredLine, fillOpacity: 0.6 },
  uncovered: {
    fillColor: hatch(COLOURS.uncovered, COLOURS.uncoveredLine),
    color: COLOURS.uncoveredLine,
    fillOpacity: 0.7,
  },
  excluded: { fillColor: COLOURS.excluded, color: "#3c3c42", fillOpacity: 0.7, dashArray: "2 3" },
  no_people: { fillColor: COLOURS.noPeople, color: "#9a9a96", fillOpacity: 0.5 },
};
const CELL_COLOURS = {
  covered: COLOURS.covered,
  uncovered: COLOURS.uncovered,
  excluded: COLOURS.excluded,
  no_people: COLOURS.noPeople,
};

/** Outlines as wide as the zoom bears: from afar they would hide the colours. Cells lie
    side by side, where outlines or stripes would be brickwork: they have none, and from
    afar the chinks between them are closed with their own colour. */
function quarterStyle(status, thin) {
  if (!CELLS) return { ...QUARTER_FILLS[status], weight: thin };
  const colour = CELL_COLOURS[status];
  const far = thin === 0;
  return { fillColor: colour, color: colour, weight: 1, stroke: far, fillOpacity: far ? 1 : 0.6 };
}

const reachStyle = (tone) => ({ fill: false, interactive: false, color: COLOURS.reach[tone] });
const CANDIDATE_STYLE = {
  radius: 4,
  weight: 1.5,
  color: "#555",
  fillColor: "#fff",
  fillOpacity: 0.9,
};
const OPENED_STYLE = { ...CANDIDATE_STYLE, radius: 8, weight: 3, color: "#081d58", fillColor: "#ffd54a" };
const CLOSED_STYLE = { color: "#8d8d95", dashArray: "3 3", fillOpacity: 0.4 };
const FACILITY_STYLE = {
  radius: 7,
  weight: 3,
  color: "#14212b",
  fillColor: "#fff",
  fillOpacity: 1,
};

/** The house that marks a proposed site, as a shape of its own. */
const house = () => byId("house").content.firstElementChild.cloneNode(true);

// --- streets: the basemap, drawn tile by tile from numbers

/** Lines in world coordinates of zoom 0, each with its box. */
function streetChains(encoded) {
  const points = new Float64Array(encoded.steps.length);
  let x = 0;
  let y = 0;
  for (let at = 0; at < points.length; at += 2) {
    x += encoded.steps[at];
    y += encoded.steps[at + 1];
    const world = L.CRS.EPSG3857.latLngToPoint(L.latLng(toPlace([x, y])), 0);
    points[at] = world.x;
    points[at + 1] = world.y;
  }
  let start = 0;
  return encoded.counts.map((count) => {
    const line = points.subarray(start, (start += 2 * count));
    const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
    for (let at = 0; at < line.length; at += 2) {
      box.left = Math.min(box.left, line[at]);
      box.right = Math.max(box.right, line[at]);
      box.top = Math.min(box.top, line[at + 1]);
      box.bottom = Math.max(box.bottom, line[at + 1]);
    }
    return { line, box };
  });
}

const Streets = L.GridLayer.extend({
  createTile(coordinates) {
    const size = this.getTileSize().x;
    const sharp = Math.max(2, window.devicePixelRatio || 1); // sharp on paper too
    const tile = document.createElement("canvas");
    tile.width = tile.height = size * sharp;
    const pen = tile.getContext("2d");
    const perWorld = 2 ** coordinates.z * sharp;
    const left = (coordinates.x * size) / 2 ** coordinates.z;
    const top = (coordinates.y * size) / 2 ** coordinates.z;
    const margin = (6 * sharp) / perWorld;
    const span = (size * sharp) / perWorld;
    pen.lineJoin = pen.lineCap = "round";
    for (const { chains, colour, width } of this.options.kinds(coordinates.z)) {
      pen.strokeStyle = colour;
      pen.lineWidth = width * sharp;
      pen.beginPath();
      for (const { line, box } of chains) {
        if (box.right < left - margin || box.left > left + span + margin) continue;
        if (box.bottom < top - margin || box.top > top + span + margin) continue;
        pen.moveTo((line[0] - left) * perWorld, (line[1] - top) * perWorld);
        for (let at = 2; at < line.length; at += 2)
          pen.lineTo((line[at] - left) * perWorld, (line[at + 1] - top) * perWorld);
      }
      pen.stroke();
    }
    return tile;
  },
});

/** Where the streets are walked on, they are drawn from what is walked. */
function walkedChains(kinds) {
  const wanted = new Set(kinds.map((kind) => STREETS.kinds.indexOf(kind)));
  const world = Array.from(STREETS.x, (x, at) => {
    const point = L.CRS.EPSG3857.latLngToPoint(L.latLng(toPlace([x, STREETS.y[at]])), 0);
    return [point.x, point.y];
  });
  const chains = [];
  STREETS.kind.forEach((kind, at) => {
    if (!wanted.has(kind)) return;
    const [a, b] = [world[STREETS.first[at]], world[STREETS.second[at]]];
    const box = {
      left: Math.min(a[0], b[0]),
      right: Math.max(a[0], b[0]),
      top: Math.min(a[1], b[1]),
      bottom: Math.max(a[1], b[1]),
    };
    chains.push({ line: [...a, ...b], box });
  });
  return chains;
}

function streetLayer() {
  const majorChains = STREETS ? walkedChains(MAJOR_KINDS) : streetChains(SHAPES.streets.major);
  const minorChains = STREETS ? walkedChains(MINOR_KINDS) : streetChains(SHAPES.streets.minor);
  return new Streets({
    minZoom: 8,
    maxZoom: 19,
    kinds: (zoom) => {
      const wide = zoom >= 17 ? 5 : zoom >= 16 ? 3.5 : zoom >= 14 ? 2 : 1;
      const narrow = zoom >= 16 ? 1.6 : 1;
      const major = { chains: majorChains, colour: COLOURS.majorStreet, width: wide };
      const minor = { chains: minorChains, colour: COLOURS.minorStreet, width: narrow };
      return zoom >= 14 ? [minor, major] : [major];
    },
  });
}
