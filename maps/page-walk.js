/* Walks over the embedded streets, in the same whole milliseconds as in the run.

   A walk is known at the nodes of the streets; a door lies on an edge, `offset` millimetres from
   its first node, at the end of a straight leg. The time to a place on an edge is counted from
   the first node in both directions and cut to whole milliseconds, so that the pieces of an edge
   add up to the whole. A label is milliseconds and the station they lead to in one number:
   of stations equally near the first one counts, as in the run. */
const STATIONS = 2 ** 20; // more than any label tells apart
const SHELF = 8_192 * STATIONS; // some eight seconds: a node is seldom walked from twice
const MINUTE_MS = 60_000;
const LONGEST_MS = 120 * MINUTE_MS;
const NEVER = Infinity;
const msOf = (label) => (label === NEVER ? NEVER : Math.floor(label / STATIONS));
const stationOf = (label) => (label === NEVER ? -1 : label % STATIONS);

// --- reading

/** Whole numbers from text: seven bits at a time, the sign in the lowest bit. */
function unpack(text) {
  const bytes = atob(text);
  const values = [];
  let value = 0;
  let scale = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes.charCodeAt(at);
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte & 128) continue;
    values.push(value % 2 ? -(value + 1) / 2 : value / 2);
    value = 0;
    scale = 1;
  }
  return values;
}

function unpackSteps(text) {
  let sum = 0;
  return unpack(text).map((step) => (sum += step));
}

function unpackRuns(text) {
  const pairs = unpack(text);
  const values = [];
  for (let at = 0; at < pairs.length; at += 2)
    for (let times = pairs[at + 1]; times > 0; times -= 1) values.push(pairs[at]);
  return values;
}

/** Where the rows of a list begin, from how many each has; one more for the end. */
function startsOf(counts) {
  const starts = new Int32Array(counts.length + 1);
  counts.forEach((count, at) => (starts[at + 1] = starts[at] + count));
  return starts;
}

function readLegs(packed) {
  return {
    start: startsOf(unpackRuns(packed.per_point)),
    edge: Int32Array.from(unpackSteps(packed.edge)),
    offset: Float64Array.from(unpack(packed.offset_mm)),
    leg: Float64Array.from(unpack(packed.leg_mm)),
  };
}

/** Edges by number, and the arcs that leave each node: edge and where it leads. */
function readStreets(packed) {
  const leaving = unpack(packed.leaving);
  const first = new Int32Array(leaving.reduce((sum, count) => sum + count, 0));
  let edge = 0;
  leaving.forEach((count, node) => {
    for (let one = 0; one < count; one += 1) first[edge++] = node;
  });
  const second = Int32Array.from(unpack(packed.ahead), (ahead, at) => first[at] + ahead);
  const degree = new Int32Array(leaving.length);
  for (let at = 0; at < first.length; at += 1) {
    degree[first[at]] += 1;
    degree[second[at]] += 1;
  }
  const start = startsOf(Array.from(degree));
  const next = start.slice(0, -1);
  const arc = new Int32Array(2 * first.length); // twice the edge, one more if against it
  for (let at = 0; at < first.length; at += 1) {
    arc[next[first[at]]++] = 2 * at;
    arc[next[second[at]]++] = 2 * at + 1;
  }
  return {
    x: Int32Array.from(unpackSteps(packed.x)),
    y: Int32Array.from(unpackSteps(packed.y)),
    first,
    second,
    start,
    arc,
    mm: Float64Array.from(unpack(packed.mm)),
    kinds: packed.kinds,
    kind: Uint8Array.from(unpackRuns(packed.kind)),
    opens: Uint8Array.from(unpackRuns(packed.opens)),
    street: packed.street ? Int32Array.from(unpackRuns(packed.street)) : null,
    names: packed.names || [],
  };
}

// --- times of a walker

/** Milliseconds along every edge, there and back; -1 where the walker cannot go. */
function edgeTimes(streets, walker, mmPerS = walker.mm_per_s) {
  const waits = new Map(walker.waits_s.map((s, at) => [streets.kinds.length - 4 + at, 500 * s]));
  const steps = streets.kinds.indexOf("steps");
  const per = 1000 * mmPerS;
  const there = new Float64Array(streets.mm.length);
  for (let at = 0; at < there.length; at += 1) {
    const kind = streets.kind[at];
    const ppm = kind === steps ? walker.steps_ppm : 1e6;
    if (waits.has(kind)) there[at] = waits.get(kind);
    else if (ppm === null) there[at] = -1;
    else there[at] = Math.floor((2 * streets.mm[at] * ppm + per) / (2 * per));
  }
  if (!walker.beyond_level) return { there, back: there, mmPerS };
  const shut = unpackRuns(walker.beyond_level.shut);
  const moreThere = unpack(walker.beyond_level.there_ms);
  const moreBack = unpack(walker.beyond_level.back_ms);
  const back = there.map((ms, at) => (shut[at] ? -1 : Math.max(ms, 0) + moreBack[at]));
  const forth = there.map((ms, at) => (shut[at] ? -1 : Math.max(ms, 0) + moreThere[at]));
  return { there: forth, back, mmPerS };
}

/** Milliseconds along a straight leg. */
const legTime = (mm, mmPerS) => Math.floor((2000 * mm + mmPerS) / (2 * mmPerS));

/** Milliseconds from an edge's first node to a place on it, and back to that node. */
function timesTo(streets, times, edge, offset) {
  const mm = Math.max(streets.mm[edge], 1);
  return [
    Math.floor((times.there[edge] * offset) / mm),
    Math.floor((times.back[edge] * offset) / mm),
  ];
}

/** Milliseconds from a place on an edge to its first and to its second node, and from them to
    the place. */
function timesAt(streets, times, edge, offset) {
  const [there, back] = timesTo(streets, times, edge, offset);
  return {
    toFirst: back,
    toSecond: times.there[edge] - there,
    fromFirst: there,
    fromSecond: times.back[edge] - back,
  };
}

// --- the search

/** The nearest station of every node within the limit.

    `stations` are lists of legs {edge, offset, leg}; `way` is "to" the stations or "from" them.
    `via` holds for each node the arc by which the walk from or to the station passes: -1 where
    it begins beside it. */
function walkAll(streets, times, stations, way, limitMs) {
  const label = new Float64Array(streets.x.length).fill(NEVER);
  const via = new Int32Array(label.length).fill(-1);
  const last = limitMs * STATIONS + (STATIONS - 1);
  const relaxed = new Float64Array(label.length).fill(-1); // with which label
  const shelves = []; // nodes by label, so many milliseconds a shelf
  const to = way === "to";
  const improve = (node, found, arc) => {
    if (found > last || found >= label[node]) return;
    label[node] = found;
    via[node] = arc;
    const shelf = Math.floor(found / SHELF);
    if (shelves[shelf]) shelves[shelf].push(node);
    else shelves[shelf] = [node];
  };
  stations.forEach((legs, station) => {
    for (const { edge, offset, leg } of legs) {
      if (edge < 0 || times.there[edge] < 0) continue;
      const at = timesAt(streets, times, edge, offset);
      const ms = legTime(leg, times.mmPerS);
      const first = ms + (to ? at.fromFirst : at.toFirst);
      const second = ms + (to ? at.fromSecond : at.toSecond);
      improve(streets.first[edge], first * STATIONS + station, -1);
      improve(streets.second[edge], second * STATIONS + station, -1);
    }
  });
  const { start, arc, first, second } = streets;
  const ahead = to ? times.back : times.there; // paid along an edge, from its first node out
  const against = to ? times.there : times.back;
  for (let at = 0; at < shelves.length; at += 1) {
    const shelf = shelves[at] || []; // grows while it is walked
    for (let next = 0; next < shelf.length; next += 1) {
      const node = shelf[next];
      const found = label[node];
      if (relaxed[node] === found) continue;
      relaxed[node] = found;
      for (let way = start[node]; way < start[node + 1]; way += 1) {
        const edge = arc[way] >> 1;
        const turned = arc[way] & 1;
        const ms = turned ? against[edge] : ahead[edge];
        if (ms >= 0) improve(turned ? first[edge] : second[edge], found + ms * STATIONS, arc[way]);
      }
    }
  }
  return { label, via };
}

/** The nearest station of each door: its label, and the leg by which the walk begins or ends. */
function walkDoors(streets, times, stations, way, limitMs, doors, nodes) {
  const to = way === "to";
  const last = limitMs * STATIONS + (STATIONS - 1);
  const beside = new Map();
  stations.forEach((legs, station) => {
    for (const one of legs)
      if (one.edge >= 0) beside.set(one.edge, [...(beside.get(one.edge) || []), { ...one, station }]);
  });
  const count = doors.start.length - 1;
  const label = new Float64Array(count).fill(NEVER);
  const by = new Int32Array(count).fill(-1);
  for (let door = 0; door < count; door += 1) {
    for (let leg = doors.start[door]; leg < doors.start[door + 1]; leg += 1) {
      const edge = doors.edge[leg];
      if (edge < 0 || times.there[edge] < 0) continue;
      const at = timesAt(streets, times, edge, doors.offset[leg]);
      const ms = legTime(doors.leg[leg], times.mmPerS);
      let found = Math.min(
        nodes.label[streets.first[edge]] + (to ? at.toFirst : at.fromFirst) * STATIONS,
        nodes.label[streets.second[edge]] + (to ? at.toSecond : at.fromSecond) * STATIONS,
      );
      for (const one of beside.get(edge) || []) {
        const straight = alongEdge(streets, times, edge, doors.offset[leg], one.offset, to);
        const whole = straight + legTime(one.leg, times.mmPerS);
        found = Math.min(found, whole * STATIONS + one.station);
      }
      found += ms * STATIONS;
      if (found > last || found >= label[door]) continue;
      label[door] = found;
      by[door] = leg;
    }
  }
  return { label, by };
}

/** Milliseconds along one edge from a door to a station beside it, or from the station. */
function alongEdge(streets, times, edge, door, station, to) {
  const [begin, end] = to ? [door, station] : [station, door];
  const [thereBegin, backBegin] = timesTo(streets, times, edge, begin);
  const [thereEnd, backEnd] = timesTo(streets, times, edge, end);
  return begin <= end ? thereEnd - thereBegin : backBegin - backEnd;
}

/** The legs of some points as lists, for a search from them. */
function legsOf(doors, point) {
  const legs = [];
  for (let at = doors.start[point]; at < doors.start[point + 1]; at += 1)
    legs.push({ edge: doors.edge[at], offset: doors.offset[at], leg: doors.leg[at] });
  return legs;
}

// --- counting

/** People within the limit. */
function peopleWithin(label, people, limitMs) {
  let sum = 0;
  for (let at = 0; at < people.length; at += 1) if (msOf(label[at]) <= limitMs) sum += people[at];
  return sum;
}
