/* Shows one study: figures, map, tables, in two languages.

   Every text reaches the page as a text node, never as markup. Every figure is read from
   the embedded summary by its path, which stands beside it in data-figure. */
"use strict";
(() => {
  const DATA = JSON.parse(document.getElementById("data").textContent);
  const SUMMARY = DATA.summary;
  const SHAPES = DATA.map;
  const FEW = "<10";
  const WITHHELD = "*";

  const COLOURS = {
    covered: "#2C7FB8",
    uncovered: "#FDB863",
    uncoveredLine: "#9A4F00",
    excluded: "#8D8D95",
    noPeople: "#D9D9D6",
    newlyCovered: "#081D58",
    reach: ["#ffffcc", "#41b6c4", "#253494"], // longest walk first
    reachLine: ["#8f8f3c", "#1f7f8b", "#253494"],
    majorStreet: "#cfc9bd",
    minorStreet: "#e2ddd3",
  };
  const MARKED_NEIGHBOURHOODS = 10; // numbered on the map; the table holds them all
  const NEAR_ZOOM = 16;

  const TEXTS = {
    zh: {
      otherLanguage: "English",
      print: "打印",
      kicker: "步行可达的养老与托育服务",
      dataDate: "截至 {date}",
      approval: "审图号：{number}",
      circles: "选择服务圈",
      mapLabel: "地图：小区、设施与拟建站点。地图内容均列于旁边的表格。",
      headline: "的{group}居民可在{minutes}分钟内步行到达{place}：{input}人中的{covered}人。",
      noStation: "目前还没有{place}；以下是最先建站可惠及最多居民的位置。",
      noStationNoSites: "目前还没有{place}。",
      verdictMet: "已达到{target}的目标。",
      verdictNotMet: "尚未达到{target}的目标：还需覆盖{people}人。",
      verdictNone: "本规划未设定目标值。",
      excluded: "其中{people}人的住处离任何街道过远、无法计算步行时间，按未覆盖计。",
      shares: "三种口径",
      sharePeople: "居民人数",
      shareQuarters: "小区个数",
      shareLand: "居住用地面积",
      ofCount: "{input}中的{covered}",
      layers: "图例与图层",
      streets: "街道",
      quartersCovered: "已覆盖的小区",
      quartersUncovered: "未覆盖的小区",
      quartersExcluded: "离街道过远的小区",
      quartersEmpty: "无该人群的小区",
      reach: "步行{minutes}分钟可达范围",
      facilities: "现有设施",
      neighbourhoodLayer: "薄弱片区（按人数排序）",
      candidates: "备选站址",
      siteLayer: "建议站址（按建设顺序）",
      sites: "建议先在这里建站",
      sitesGain: "在这些位置建站，可新增覆盖{people}人，覆盖率达到{percent}。",
      sitesOptimal: "在全部备选站址中，已证明没有更好的组合。",
      sitesTimeLimit: "在全部备选站址中，最优组合的新增人数至多比它多出上限的{gap}。",
      sitesNothing: "没有任何备选站址能够新增覆盖居民。",
      stationsProven: "要达到{target}的目标，最少需要新建{count}个站点（已证明）。",
      stationsBetween: "要达到{target}的目标，新建{count}个站点即可；至少需要{bound}个。",
      stationsNever: "即使建设全部备选站址，也只能达到{reachable}，达不到{target}的目标。",
      order: "顺序",
      place: "位置",
      site: "建议站址 {order}",
      gain: "新增人数",
      neighbourhoods: "最需要改善的片区",
      neighbourhoodsNone: "没有薄弱片区。",
      rank: "排名",
      name: "名称",
      unnamedQuarter: "小区 {number}",
      unnamedFacility: "设施 {number}",
      unnamedNeighbourhood: "片区 {number}",
      underserved: "未覆盖人数",
      quarterCount: "小区数",
      allFacilities: "全部设施（{count}）",
      allQuarters: "全部小区（{count}）",
      kind: "类型",
      capacity: "容量",
      people: "人数",
      minutesNearest: "最近站点（分钟）",
      notReached: "搜索范围内没有",
      minutesValue: "{minutes}分钟",
      status: "状态",
      statuses: {
        covered: "已覆盖",
        uncovered: "未覆盖",
        excluded: "离街道过远",
        no_people: "无该人群",
      },
      method: "这些数字意味着什么，如何计算",
      walker: "步速假设：{walker}，每秒{speed}米。",
      cut: "百分比只截取一位小数，从不进位；分钟向上取整。",
      fewNote: "为保护隐私，1至9人一律显示为“<10”；“*”表示为此一并隐去的数字。",
      modelled: "结果为模型计算，不代替现场调查。",
      estimated: "估算",
      estimatedLong: "估算值",
      sources: "数据来源",
      zoomIn: "放大",
      zoomOut: "缩小",
      close: "关闭",
    },
    en: {
      otherLanguage: "中文",
      print: "Print",
      kicker: "Care within walking distance",
      dataDate: "As of {date}",
      approval: "Map approval number: {number}",
      circles: "Choose a circle",
      mapLabel:
        "Map of quarters, facilities and proposed sites. All of it is listed in the tables beside it.",
      headline:
        "of residents {group} can walk to {place} within {minutes} minutes: {covered} of {input}.",
      noStation: "There is no {place} yet; this is where the first ones would serve most.",
      noStationNoSites: "There is no {place} yet.",
      verdictMet: "The target of {target} is met.",
      verdictNotMet:
        "The target of {target} is not met: {people} more residents are to be covered.",
      verdictNone: "The plan sets no target.",
      excluded:
        "{people} of them live too far from any street for a walk to be computed; they count as not covered.",
      shares: "Three ways to count",
      sharePeople: "Residents",
      shareQuarters: "Quarters",
      shareLand: "Residential land",
      ofCount: "{covered} of {input}",
      layers: "Legend and layers",
      streets: "Streets",
      quartersCovered: "Quarters covered",
      quartersUncovered: "Quarters not covered",
      quartersExcluded: "Quarters too far from any street",
      quartersEmpty: "Quarters without residents of the group",
      reach: "Reached within {minutes} minutes",
      facilities: "Existing facilities",
      neighbourhoodLayer: "Under-served neighbourhoods, ranked",
      candidates: "Candidate sites",
      siteLayer: "Proposed sites, in order",
      sites: "Where to build first",
      sitesGain:
        "Stations at these places would cover {people} more residents and bring the share to {percent}.",
      sitesOptimal: "Proven: no other choice among the candidate sites covers more.",
      sitesTimeLimit:
        "The best possible choice could cover more by at most {gap} of its upper bound.",
      sitesNothing: "No candidate site would cover anybody more.",
      stationsProven: "Reaching the target of {target} takes {count} new stations, proven fewest.",
      stationsBetween:
        "{count} new stations reach the target of {target}; at least {bound} are needed.",
      stationsNever:
        "Even with every candidate site built, only {reachable} would be covered: the target of {target} is out of reach.",
      order: "Order",
      place: "Place",
      site: "Proposed site {order}",
      gain: "Residents gained",
      neighbourhoods: "Neighbourhoods most in need",
      neighbourhoodsNone: "There is no under-served neighbourhood.",
      rank: "Rank",
      name: "Name",
      unnamedQuarter: "Quarter {number}",
      unnamedFacility: "Facility {number}",
      unnamedNeighbourhood: "Neighbourhood {number}",
      underserved: "Residents not covered",
      quarterCount: "Quarters",
      allFacilities: "All facilities ({count})",
      allQuarters: "All quarters ({count})",
      kind: "Kind",
      capacity: "Capacity",
      people: "Residents",
      minutesNearest: "Minutes to the nearest",
      notReached: "none in range",
      minutesValue: "{minutes} min",
      status: "Status",
      statuses: {
        covered: "covered",
        uncovered: "not covered",
        excluded: "too far from a street",
        no_people: "nobody of the group",
      },
      method: "What this means and how it was computed",
      walker: "Assumed walking speed ({walker}): {speed} metres per second.",
      cut: "Percentages are cut after one decimal, never rounded up; minutes are rounded up.",
      fewNote:
        "To protect privacy, 1 to 9 people are shown as “<10”; “*” marks a figure withheld for the same reason.",
      modelled: "The results are computed by a model and do not replace a visit on the spot.",
      estimated: "est.",
      estimatedLong: "estimated",
      sources: "Sources",
      zoomIn: "Zoom in",
      zoomOut: "Zoom out",
      close: "Close",
    },
  };
  const PLACES = {
    elderly: { zh: "养老服务站", en: "elderly-care station", enOne: "an elderly-care station" },
    childcare: { zh: "托育机构", en: "childcare place", enOne: "a childcare place" },
  };

  const state = { lang: DATA.lang, circle: 0, hidden: new Set(["candidates"]) };
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const byId = (id) => document.getElementById(id);
  const word = (key) => TEXTS[state.lang][key];
  const current = () => SUMMARY.circles[state.circle];
  const shapes = () => SHAPES.circles[state.circle];
  const place = () =>
    PLACES[current().service] || { zh: "服务设施", en: "facility", enOne: "a facility" };

  // --- building blocks

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

  function shown(value) {
    if (value === null || value === undefined) return "–";
    if (typeof value !== "number") return value;
    return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  }

  /** Somebody's name as it is, apart from the text around it; a number where there is none. */
  const named = (name, unnamed, number) => element("bdi", {}, name || plain(unnamed, { number }));
  const quarterName = (at) => named(SHAPES.quarters.name[at], "unnamedQuarter", at + 1);
  const facilityName = (at) => named(shapes().facilities.name[at], "unnamedFacility", at + 1);
  const neighbourhoodName = ({ name, rank }) => named(name, "unnamedNeighbourhood", rank);

  const lookUp = (path) => path.split(".").reduce((value, key) => value[key], SUMMARY);
  const estimate = () =>
    element("abbr", { class: "estimate", title: word("estimatedLong") }, word("estimated"));

  /** A figure of the summary; `path` as in summary.json. */
  function figure(path, { flag = true } = {}) {
    const number = element("span", { "data-figure": path }, shown(lookUp(path)));
    return element("span", { class: "figure" }, number, ...(flag ? estimated() : []));
  }
  const estimated = () => (current().estimated ? [" ", estimate()] : []);

  /** A share of the summary with its sign. */
  function share(tail, { flag = true } = {}) {
    const path = `circles.${state.circle}.${tail}`;
    const sign = element("span", { class: "sign" }, state.lang === "zh" ? "%" : " %");
    const number = element("span", { "data-figure": path }, shown(lookUp(path)));
    return element("span", { class: "figure" }, number, sign, ...(flag ? estimated() : []));
  }
  const ours = (tail, options) => figure(`circles.${state.circle}.${tail}`, options);

  function table(headers, rows, numeric) {
    const kind = (at) => ({ class: numeric.includes(at) ? "number" : "" });
    const head = element(
      "tr",
      {},
      ...headers.map((text, at) => element("th", { scope: "col", ...kind(at) }, text)),
    );
    const body = rows.map((cells) =>
      element("tr", {}, ...cells.map((cell, at) => element("td", kind(at), cell))),
    );
    const frame = element(
      "div",
      { class: "table" },
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
    );
    const figures = [...frame.querySelectorAll(".figure")];
    if (figures.some((node) => [FEW, WITHHELD].includes(node.firstChild.textContent)))
      frame.append(element("p", { class: "muted" }, word("fewNote")));
    return frame;
  }

  function link(content, open) {
    const button = element("button", { type: "button", class: "row" }, content);
    button.addEventListener("click", open);
    return button;
  }

  // --- figures

  function drawHeader() {
    const study = SUMMARY.study;
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    document.title = `${study.name} · ${word("kicker")}`;
    for (const node of document.querySelectorAll("[data-text]"))
      node.textContent = word(node.dataset.text);
    byId("language").textContent = word("otherLanguage");
    byId("language").lang = state.lang === "zh" ? "en" : "zh-CN";
    byId("study-name").textContent = study.name;
    const facts = [plain("dataDate", { date: study.date })];
    if (study.map_approval_number)
      facts.push(plain("approval", { number: study.map_approval_number }));
    byId("study-facts").textContent = facts.join(" · ");
    byId("map").setAttribute("aria-label", word("mapLabel"));
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
        draw();
        byId("circles").children[at].focus();
      });
      return button;
    });
    byId("circles").setAttribute("aria-label", word("circles"));
    fill("circles", ...buttons);
  }

  function bar(percent, target) {
    const node = element(
      "div",
      { class: "bar", "aria-hidden": "true" },
      element("div", { class: "part" }),
    );
    node.firstChild.style.width = `${percent || 0}%`;
    if (target !== null) {
      const mark = element("div", { class: "target" });
      mark.style.left = `${Math.min(target, 100)}%`;
      node.append(mark);
    }
    return node;
  }

  function drawHeadline() {
    const circle = current();
    const gaps = {
      group: circle.group[state.lang],
      minutes: String(circle.minutes),
      place: state.lang === "zh" ? place().zh : place().enOne,
      covered: ours("people.covered", { flag: false }),
      input: ours("people.input"),
    };
    const parts = [
      element("p", { class: "big" }, share("people.percent")),
      bar(circle.people.percent, circle.target_percent),
      element("p", { class: "lead" }, ...sentence("headline", gaps)),
    ];
    if (circle.facilities === 0) {
      const key = circle.sites.chosen.length ? "noStation" : "noStationNoSites";
      parts.unshift(
        element("p", { class: "notice" }, ...sentence(key, { place: place()[state.lang] })),
      );
    }
    parts.push(element("p", { class: `verdict ${circle.verdict}` }, ...verdict(circle)));
    if (circle.people.excluded !== 0) {
      const people = element("span", {}, shown(circle.people.excluded));
      parts.push(element("p", { class: "muted" }, ...sentence("excluded", { people })));
    }
    const { walker } = circle;
    const pace = {
      walker: walker[state.lang],
      speed: ours("walker.metres_per_second", { flag: false }),
    };
    parts.push(element("p", { class: "muted" }, ...sentence("walker", pace)));
    fill("headline", ...parts);
  }

  function verdict(circle) {
    if (circle.verdict === "no_target") return sentence("verdictNone");
    const target = share("target_percent", { flag: false });
    if (circle.verdict === "met") return ["✓ ", ...sentence("verdictMet", { target })];
    return ["✗ ", ...sentence("verdictNotMet", { target, people: ours("people_to_target") })];
  }

  function drawShares() {
    const row = (label, key, detail) =>
      element(
        "div",
        { class: "share" },
        element("span", { class: "label" }, word(label)),
        element("span", { class: "value" }, share(`${key}.percent`)),
        bar(current()[key].percent, null),
        element("span", { class: "muted" }, ...detail),
      );
    const counts = (key) =>
      sentence("ofCount", {
        covered: ours(`${key}.covered`, { flag: false }),
        input: ours(`${key}.input`, { flag: false }),
      });
    fill(
      "shares",
      element("h2", {}, word("shares")),
      row("sharePeople", "people", counts("people")),
      row("shareQuarters", "quarters", counts("quarters")),
      row("shareLand", "land_m2", []),
    );
  }

  function drawSites() {
    const { sites, stations_to_target: stations } = current();
    const parts = [element("h2", {}, word("sites"))];
    if (sites.chosen.length) {
      const gaps = { people: ours("sites.people_gained"), percent: share("sites.percent_after") };
      parts.push(element("p", {}, ...sentence("sitesGain", gaps)));
      const rows = sites.chosen.map((site, at) => [
        link(plain("site", { order: site.order }), () => openSite(at)),
        ours(`sites.chosen.${at}.gain_people`),
      ]);
      parts.push(table([word("place"), word("gain")], rows, [1]));
    }
    const proofs = {
      optimal: "sitesOptimal",
      time_limit: "sitesTimeLimit",
      nothing_to_gain: "sitesNothing",
    };
    const gap = share("sites.gap_percent", { flag: false });
    parts.push(element("p", { class: "muted" }, ...sentence(proofs[sites.status], { gap })));
    if (stations) parts.push(element("p", { class: "muted" }, ...fewest(stations)));
    fill("sites", ...parts);
  }

  function fewest(stations) {
    const gaps = {
      target: share("target_percent", { flag: false }),
      reachable: share("stations_to_target.reachable_percent"),
    };
    for (const [gap, key] of [
      ["count", "count"],
      ["bound", "lower_bound"],
    ])
      gaps[gap] = ours(`stations_to_target.${key}`);
    if (stations.count === null) return sentence("stationsNever", gaps);
    return sentence(stations.proven ? "stationsProven" : "stationsBetween", gaps);
  }

  function drawNeighbourhoods() {
    const rows = current().neighbourhoods.map((one, at) => [
      String(one.rank),
      link(neighbourhoodName(one), () => openNeighbourhood(at)),
      ours(`neighbourhoods.${at}.people`),
      ours(`neighbourhoods.${at}.quarters`, { flag: false }),
    ]);
    const headers = [word("rank"), word("name"), word("underserved"), word("quarterCount")];
    const content = rows.length
      ? table(headers, rows, [0, 2, 3])
      : element("p", {}, word("neighbourhoodsNone"));
    fill("neighbourhoods", element("h2", {}, word("neighbourhoods")), content);
  }

  /** A list that is built only when somebody opens it: a city has thousands of quarters. */
  function lateList(key, count, build) {
    const details = element(
      "details",
      {},
      element("summary", {}, plain(key, { count: shown(count) })),
    );
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(build());
    });
    return details;
  }

  function drawLists() {
    const { facilities, quarters } = shapes();
    const facilityRows = () =>
      table(
        [word("name"), word("kind"), word("capacity")],
        facilities.name.map((_, at) => [
          link(facilityName(at), () => openFacility(at)),
          element("bdi", {}, facilities.kind[at]),
          shown(facilities.capacity[at]),
        ]),
        [2],
      );
    const quarterRows = () =>
      table(
        [word("name"), word("people"), word("minutesNearest"), word("status")],
        SHAPES.quarters.name.map((_, at) => [
          link(quarterName(at), () => openQuarter(at)),
          quarterPeople(at),
          shown(quarters.minutes[at]),
          word("statuses")[quarters.status[at]],
        ]),
        [1, 2],
      );
    fill(
      "lists",
      lateList("allFacilities", facilities.name.length, facilityRows),
      lateList("allQuarters", SHAPES.quarters.name.length, quarterRows),
    );
  }

  function quarterPeople(at) {
    const node = element(
      "span",
      { class: "figure" },
      element("span", {}, shown(shapes().quarters.people[at])),
    );
    if (SHAPES.quarters.estimated[at]) node.append(" ", estimate());
    return node;
  }

  function drawMethod() {
    const first = SUMMARY.assumptions.filter((entry) => entry.id === "mechanism");
    const others = SUMMARY.assumptions.filter((entry) => entry.id !== "mechanism");
    const statements = [
      ...others.map((entry) => entry[state.lang]),
      word("cut"),
      word("fewNote"),
      word("modelled"),
    ];
    const items = statements.map((text) => element("li", {}, text));
    fill(
      "method",
      element(
        "details",
        { open: "" },
        element("summary", {}, word("method")),
        ...first.map((entry) => element("p", { class: "mechanism" }, entry[state.lang])),
        element("ul", {}, ...items),
      ),
    );
  }

  function drawSources() {
    const study = SUMMARY.study;
    const items = SUMMARY.attributions.map((entry) => element("li", {}, entry[state.lang]));
    if (study.map_approval_number)
      items.push(element("li", {}, plain("approval", { number: study.map_approval_number })));
    items.push(element("li", {}, plain("dataDate", { date: study.date })));
    fill("sources", element("h2", {}, word("sources")), element("ul", {}, ...items));
  }

  // --- shapes

  const toDegrees = (units, at) => (SHAPES.origin[at] + units) / SHAPES.units_per_degree;
  const toPlace = ([x, y]) => [toDegrees(y, 1), toDegrees(x, 0)];

  function toRing(steps) {
    const ring = [];
    let x = 0;
    let y = 0;
    for (let at = 0; at < steps.length; at += 2) {
      x += steps[at];
      y += steps[at + 1];
      ring.push(toPlace([x, y]));
    }
    return ring;
  }
  const toArea = (polygons) => polygons.map((rings) => rings.map(toRing));

  /** A fill of stripes, so that colour is never the only sign. */
  function hatch(background, line) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 10;
    const pen = tile.getContext("2d");
    pen.fillStyle = background;
    pen.fillRect(0, 0, 10, 10);
    pen.strokeStyle = line;
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (const start of [-10, 0, 10]) {
      pen.moveTo(start, 10);
      pen.lineTo(start + 10, 0);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  const FILLS = {
    covered: { fillColor: COLOURS.covered, color: "#0f4066", fillOpacity: 0.9, weight: 1.2 },
    uncovered: {
      fillColor: hatch(COLOURS.uncovered, COLOURS.uncoveredLine),
      color: COLOURS.uncoveredLine,
      fillOpacity: 0.92,
      weight: 1.2,
    },
    excluded: {
      fillColor: COLOURS.excluded,
      color: "#3c3c42",
      fillOpacity: 0.75,
      weight: 1.2,
      dashArray: "2 3",
    },
    no_people: { fillColor: COLOURS.noPeople, color: "#9a9a96", fillOpacity: 0.5, weight: 0.8 },
  };

  const QUARTER_LABELS = {
    covered: "quartersCovered",
    uncovered: "quartersUncovered",
    excluded: "quartersExcluded",
    no_people: "quartersEmpty",
  };

  /** The streets, drawn tile by tile from numbers: no basemap is ever fetched. */
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

  // --- the map

  const [west, south, east, north] = SHAPES.extent;
  const EXTENT = L.latLngBounds(toPlace([west, south]), toPlace([east, north]));
  const map = L.map("map", {
    preferCanvas: true,
    zoomSnap: 0.25,
    attributionControl: false,
    fadeAnimation: false,
    zoomAnimation: !calm,
    minZoom: 8,
    maxZoom: 19,
    zoomControl: false,
  });
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  const credit = L.control({ position: "bottomright" });
  credit.onAdd = () => element("div", { class: "credit" });
  credit.addTo(map);

  const majorChains = streetChains(SHAPES.streets.major);
  const minorChains = streetChains(SHAPES.streets.minor);
  const streets = new Streets({
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

  const drawn = { groups: new Map(), quarters: [], facilities: [], neighbourhoods: [], sites: [] };

  function popup(title, rows) {
    const list = rows.flatMap(([label, value]) => [
      element("dt", {}, label),
      element("dd", {}, value),
    ]);
    return element("div", { class: "popup" }, element("h3", {}, title), element("dl", {}, ...list));
  }

  function quarterPopup(at) {
    const minutes = shapes().quarters.minutes[at];
    return popup(quarterName(at), [
      [`${word("people")} (${current().group[state.lang]})`, quarterPeople(at)],
      [
        word("minutesNearest"),
        minutes === null ? word("notReached") : plain("minutesValue", { minutes }),
      ],
      [word("status"), word("statuses")[shapes().quarters.status[at]]],
    ]);
  }

  function facilityPopup(at) {
    const { kind, capacity } = shapes().facilities;
    return popup(facilityName(at), [
      [word("kind"), element("bdi", {}, kind[at] || "–")],
      [word("capacity"), shown(capacity[at])],
    ]);
  }

  function neighbourhoodPopup(at) {
    const one = current().neighbourhoods[at];
    const title = element("span", {}, `${one.rank} · `, neighbourhoodName(one));
    return popup(title, [
      [word("underserved"), ours(`neighbourhoods.${at}.people`)],
      [word("quarterCount"), shown(one.quarters)],
    ]);
  }

  function sitePopup(at) {
    const site = current().sites.chosen[at];
    return popup(plain("site", { order: site.order }), [
      [word("gain"), ours(`sites.chosen.${at}.gain_people`)],
    ]);
  }

  function numbered(latLng, className, number, label, content) {
    const icon = L.divIcon({
      className: "",
      html: element("span", { class: className }, String(number)),
      iconSize: null,
    });
    const marker = L.marker(latLng, { icon, alt: label, title: label, keyboard: true }).bindPopup(
      content,
    );
    marker.on("add", () => marker.getElement().setAttribute("aria-label", label));
    return marker;
  }

  /** The layers of the current circle in drawing order; empty ones are left out. */
  function layersOfCircle() {
    const all = [
      { key: "streets", label: word("streets"), swatch: "streets", layers: [streets] },
      ...reachLayers(),
      ...quarterLayers(),
      neighbourhoodLayer(),
      candidateLayer(),
      facilityLayer(),
      siteLayer(),
    ];
    return all.filter(({ layers }) => layers.length);
  }

  function reachLayers() {
    const { minutes, shape } = shapes().reach;
    return minutes.map((limit, at) => {
      const tone = Math.min(at, COLOURS.reach.length - 1);
      const colours = { fillColor: COLOURS.reach[tone], color: COLOURS.reachLine[tone] };
      const style = { ...colours, fillOpacity: 0.5, weight: 1.5, interactive: false };
      const layers = [L.polygon(toArea(shape[at]), style)];
      const label = plain("reach", { minutes: limit });
      return { key: `reach-${limit}`, label, swatch: `reach-${tone}`, layers };
    });
  }

  function quarterLayers() {
    const { status } = shapes().quarters;
    drawn.quarters = SHAPES.quarters.shape.map((outline, at) =>
      L.polygon(toArea(outline), FILLS[status[at]]).bindPopup(() => quarterPopup(at)),
    );
    return Object.entries(QUARTER_LABELS).map(([its, label]) => {
      const layers = drawn.quarters.filter((_, at) => status[at] === its);
      return { key: `quarters-${its}`, label: word(label), swatch: its, layers };
    });
  }

  function neighbourhoodLayer() {
    const { shape, mark } = shapes().neighbourhoods;
    const style = { fill: false, color: "#7A3B00", dashArray: "6 4", interactive: false };
    drawn.neighbourhoods = shape.map((area) => L.polygon(toArea(area), style));
    const marks = mark.slice(0, MARKED_NEIGHBOURHOODS).map((xy, at) => {
      const one = current().neighbourhoods[at];
      const label = `${word("rank")} ${one.rank}: ${neighbourhoodName(one).textContent}`;
      return numbered(toPlace(xy), "rank", one.rank, label, () => neighbourhoodPopup(at));
    });
    const layers = [...drawn.neighbourhoods, ...marks];
    const label = word("neighbourhoodLayer");
    return { key: "neighbourhoods", label, swatch: "neighbourhood", layers };
  }

  function candidateLayer() {
    const look = { color: "#555", fillColor: "#fff", fillOpacity: 0.9 };
    const style = { ...look, radius: 4, weight: 1.5, interactive: false };
    const layers = shapes().candidates.map((xy) => L.circleMarker(toPlace(xy), style));
    return { key: "candidates", label: word("candidates"), swatch: "candidate", layers };
  }

  function facilityLayer() {
    const style = { radius: 7, weight: 3, color: "#14212b", fillColor: "#fff", fillOpacity: 1 };
    drawn.facilities = shapes().facilities.at.map((xy, at) =>
      L.circleMarker(toPlace(xy), style).bindPopup(() => facilityPopup(at)),
    );
    const layers = drawn.facilities;
    return { key: "facilities", label: word("facilities"), swatch: "facility", layers };
  }

  function siteLayer() {
    drawn.sites = shapes().sites.map((xy, at) => {
      const { order } = current().sites.chosen[at];
      const label = plain("site", { order });
      return numbered(toPlace(xy), "pin", order, label, () => sitePopup(at)).setZIndexOffset(1000);
    });
    return { key: "sites", label: word("siteLayer"), swatch: "site", layers: drawn.sites };
  }

  function drawLayers() {
    for (const group of drawn.groups.values()) group.remove();
    drawn.groups.clear();
    const list = layersOfCircle();
    for (const { key, layers } of list) drawn.groups.set(key, L.layerGroup(layers));
    thinOutlines();
    restack();
    const boxes = list.reverse().map(({ key, label, swatch }) => {
      const box = element("input", { type: "checkbox", "data-layer": key });
      box.checked = !state.hidden.has(key);
      box.addEventListener("change", () => setVisible(key, box.checked));
      return element(
        "label",
        { class: "layer" },
        box,
        element("span", { class: `swatch ${swatch}`, "aria-hidden": "true" }),
        label,
      );
    });
    fill(
      "layers",
      element("h2", {}, word("layers")),
      element("div", { role: "group", "aria-label": word("layers") }, ...boxes),
    );
  }

  /** From afar the outlines of many small quarters would hide their colours. */
  function thinOutlines() {
    const thin = map.getZoom() >= 15.5 ? 1 : map.getZoom() >= 14 ? 0.5 : 0;
    drawn.quarters.forEach((outline, at) =>
      outline.setStyle({ weight: thin * FILLS[shapes().quarters.status[at]].weight }),
    );
    for (const outline of drawn.neighbourhoods) outline.setStyle({ weight: 2.5 * thin });
  }

  /** Put the visible layers on the map again, in their order. */
  function restack() {
    for (const group of drawn.groups.values()) group.remove();
    for (const [key, group] of drawn.groups) if (!state.hidden.has(key)) group.addTo(map);
  }

  function setVisible(key, visible) {
    if (visible) state.hidden.delete(key);
    else state.hidden.add(key);
    byId("layers").querySelector(`[data-layer="${key}"]`).checked = visible;
    restack();
  }

  function drawCredit() {
    const names = SUMMARY.attributions.map((entry) => entry[state.lang]);
    const { map_approval_number: number } = SUMMARY.study;
    if (number) names.push(plain("approval", { number }));
    credit.getContainer().textContent = ["Leaflet", ...names].join(" · ");
    const zoom = L.control.zoom({
      zoomInTitle: word("zoomIn"),
      zoomOutTitle: word("zoomOut"),
      position: "topright",
    });
    if (map.zoomControl) map.zoomControl.remove();
    map.zoomControl = zoom.addTo(map);
  }

  // --- from a table to the map

  function bring(key, bounds, open) {
    if (state.hidden.has(key)) setVisible(key, true);
    byId("map").scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    map.fitBounds(bounds, { maxZoom: NEAR_ZOOM, padding: [60, 60], animate: false });
    open();
  }
  const openSite = (at) =>
    bring("sites", drawn.sites[at].getLatLng().toBounds(300), () => drawn.sites[at].openPopup());
  const openFacility = (at) =>
    bring("facilities", drawn.facilities[at].getLatLng().toBounds(300), () =>
      drawn.facilities[at].openPopup(),
    );
  const openQuarter = (at) =>
    bring(`quarters-${shapes().quarters.status[at]}`, drawn.quarters[at].getBounds(), () =>
      drawn.quarters[at].openPopup(),
    );
  function openNeighbourhood(at) {
    const bounds = drawn.neighbourhoods[at].getBounds();
    const mark = toPlace(shapes().neighbourhoods.mark[at]);
    bring("neighbourhoods", bounds, () =>
      L.popup().setLatLng(mark).setContent(neighbourhoodPopup(at)).openOn(map),
    );
  }

  map.on("zoomend", thinOutlines);
  map.on("popupopen", ({ popup: opened }) => {
    const close = opened.getElement().querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", word("close"));
    byId("spoken").textContent = opened.getElement().querySelector(".popup").innerText;
  });

  // --- paper

  function forPaper() {
    if (document.body.classList.contains("on-paper")) return;
    document.body.classList.add("on-paper");
    map.invalidateSize({ animate: false });
    map.fitBounds(EXTENT, { animate: false });
  }
  function forScreen() {
    document.body.classList.remove("on-paper");
    map.invalidateSize({ animate: false });
    map.fitBounds(EXTENT, { animate: false });
  }

  const PARTS = [
    drawHeader,
    drawCircleSwitch,
    drawHeadline,
    drawLayers,
    drawSites,
    drawNeighbourhoods,
    drawShares,
    drawLists,
    drawMethod,
    drawSources,
    drawCredit,
  ];

  function draw() {
    map.closePopup();
    for (const drawPart of PARTS) drawPart();
  }

  map.fitBounds(EXTENT, { animate: false });
  draw();
  byId("language").addEventListener("click", () => {
    state.lang = state.lang === "zh" ? "en" : "zh";
    draw();
  });
  byId("print").addEventListener("click", () => {
    forPaper();
    window.setTimeout(() => window.print(), 300); // the canvas needs a frame to redraw
  });
  window.addEventListener("beforeprint", forPaper);
  window.addEventListener("afterprint", forScreen);
})();
