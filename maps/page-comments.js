/* Comments of residents: pinned on the map or on a quarter, kept on this device, saved as a small
   file that the planner gathers. Nothing is sent. */
const COMMENT_KINDS = ["not_reachable", "station_wanted", "path_missing", "crossing", "other"];
const COMMENT_LENGTH = 500;
const COMMENTS_MOST = 200;
const DATA_ID = document.getElementById("data").dataset.sha256;
const COMMENT_KEY = `carecircle-comments-${DATA_ID}`;
const comments = { list: keptComments(), draft: null, placing: false };

/** What this device has kept; a page opened from a file may have nowhere to keep it. */
function keptComments() {
  try {
    const kept = JSON.parse(window.localStorage.getItem(COMMENT_KEY) || "[]");
    return Array.isArray(kept) ? kept.filter(isComment).slice(0, COMMENTS_MOST) : [];
  } catch {
    return [];
  }
}

function isComment(one) {
  const { id, lon, lat, kind, text } = one || {};
  return (
    typeof id === "string" &&
    Number.isFinite(lon) &&
    Number.isFinite(lat) &&
    COMMENT_KINDS.includes(kind) &&
    typeof text === "string"
  );
}

function keepComments() {
  try {
    window.localStorage.setItem(COMMENT_KEY, JSON.stringify(comments.list));
  } catch {
    // Without a place to keep them they live as long as the page is open.
  }
}

function drawComments() {
  const focused = document.activeElement?.id;
  const full = comments.list.length >= COMMENTS_MOST;
  fill(
    "comments",
    heading("comments"),
    paragraph("muted", word("commentsHow")),
    ...(comments.draft ? [commentForm()] : full ? [paragraph("muted", word("commentsFull"))] : commentStarts()),
    ...commentList(),
  );
  drawCommentPins();
  if (focused && byId(focused)) byId(focused).focus();
}

/** Two ways to begin: a place on the map, or the quarter that was looked up. */
function commentStarts() {
  const attributes = { type: "button", id: "comment-place", "aria-pressed": comments.placing };
  const place = element("button", attributes, word(comments.placing ? "placeNow" : "commentPlace"));
  place.addEventListener("click", () => {
    comments.placing = !comments.placing;
    byId("map").classList.toggle("placing", comments.placing);
    drawComments();
    if (comments.placing) byId("map").scrollIntoView({ block: "nearest" });
  });
  if (state.quarter === null) return [place];
  const here = element("button", { type: "button", id: "comment-quarter" });
  here.append(...sentence("commentQuarter", { name: quarterName(state.quarter) }));
  here.addEventListener("click", () => beginComment(middleOf(state.quarter)));
  return [place, here];
}

const middleOf = (at) => drawn.quarters[at].getBounds().getCenter();

function beginComment({ lat, lng }) {
  comments.draft = { lon: Number(lng.toFixed(5)), lat: Number(lat.toFixed(5)) };
  comments.placing = false;
  byId("map").classList.remove("placing");
  drawComments();
  byId("comment-kind").focus();
}

function commentForm() {
  const kind = element("select", { id: "comment-kind" });
  for (const one of COMMENT_KINDS)
    kind.append(element("option", { value: one }, word("commentKinds")[one]));
  kind.value = comments.draft.kind || COMMENT_KINDS[0];
  kind.addEventListener("change", () => (comments.draft.kind = kind.value));
  const attributes = { id: "comment-text", rows: 4, maxlength: COMMENT_LENGTH };
  const text = element("textarea", { ...attributes, "aria-describedby": "comment-hint" });
  text.value = comments.draft.text || ""; // kept when the language changes
  text.addEventListener("input", () => (comments.draft.text = text.value));
  const hint = element("p", { id: "comment-hint", class: "muted" }, word("commentHint"));
  const save = element("button", { type: "button", id: "comment-save" }, word("commentSave"));
  save.addEventListener("click", () => {
    if (text.value.trim()) addComment(kind.value, text.value.trim());
    else text.focus();
  });
  const away = element("button", { type: "button" }, word("close"));
  away.addEventListener("click", () => endComment());
  const ask = (id, key, field) => [element("label", { for: id, class: "ask" }, word(key)), field];
  return element(
    "div",
    { class: "comment-form" },
    ...ask("comment-kind", "commentKind", kind),
    ...ask("comment-text", "commentText", text),
    hint,
    element("div", { class: "switch" }, save, away),
  );
}

function addComment(kind, text) {
  const random = crypto.getRandomValues(new Uint8Array(8));
  const id = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const { lon, lat } = comments.draft;
  comments.list.push({ id, lon, lat, kind, text: text.slice(0, COMMENT_LENGTH) });
  keepComments();
  byId("spoken").textContent = word("commentSaved");
  endComment();
}

function endComment() {
  comments.draft = null;
  drawComments();
  byId("comment-place")?.focus();
}

function commentList() {
  if (!comments.list.length) return [];
  const rows = comments.list.map((one, at) => {
    const undo = element("button", { type: "button", class: "undo" }, word("commentAway"));
    undo.setAttribute("aria-label", `${word("commentAway")}: ${one.text.slice(0, 40)}`);
    undo.addEventListener("click", () => removeComment(at));
    const kind = element("b", {}, word("commentKinds")[one.kind]);
    return element("li", {}, element("span", {}, kind, " ", apart(one.text)), undo);
  });
  const save = element("button", { type: "button", id: "comment-file" }, word("commentFile"));
  save.addEventListener("click", saveCommentFile);
  return [element("ul", { class: "changes" }, ...rows), save, paragraph("muted", word("commentFileHow"))];
}

function removeComment(at) {
  comments.list.splice(at, 1);
  keepComments();
  map.closePopup();
  drawComments();
  byId("comment-place")?.focus();
}

/** The file for the planner: what was said and where, and of which study; nothing of the device. */
function commentFile() {
  const study = { name: SUMMARY.study.name, data: DATA_ID };
  const said = comments.list.map(({ id, lon, lat, kind, text }) => ({ id, lon, lat, kind, text }));
  return JSON.stringify({ program: "carecircle", kind: "comments", version: 1, study, comments: said }, null, 1);
}

function saveCommentFile() {
  const address = URL.createObjectURL(new Blob([commentFile()], { type: "application/json" }));
  const link = element("a", { href: address, download: "carecircle-comments.json" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function drawCommentPins() {
  for (const one of drawn.comments || []) one.remove();
  drawn.comments = comments.list.map((one, at) => {
    const xy = toUnits({ lat: one.lat, lng: one.lon });
    const kind = word("commentKinds")[one.kind];
    const face = element("span", { class: "comment-pin" }, "…");
    const content = () =>
      popup(document.createTextNode(kind), [[word("commentText"), apart(one.text)]], [
        switchButton(word("commentAway"), () => removeComment(at)),
      ]);
    return marker(xy, face, kind, content, 210_000).addTo(map);
  });
}
