/* Paper: the first sheet with the map, then the tables. The browser asks for paper and
   prints at once, without a frame in between: all is drawn within its event. */
let before = null; // what the screen showed

function forPaper() {
  if (before) return;
  const folds = [...document.querySelectorAll("#units details, #plans > details, #method details")];
  before = {
    centre: map.getCenter(),
    zoom: map.getZoom(),
    sharp: L.Browser.retina,
    folds: folds.map((details) => [details, details.open]),
  };
  map.closePopup();
  for (const details of folds) details.open = true;
  document.body.classList.add("on-paper");
  L.Browser.retina = true; // twice the pixels
  map.invalidateSize({ animate: false });
  map.fitBounds(EXTENT, { animate: false });
  canvas._redraw(); // what Leaflet would do in the next frame
  before.picture = pictureOf(map.getPane("overlayPane").querySelector("canvas"));
}

/** A copy that stands for a drawing: Chromium prints a canvas that was once cleared with
    its ground painted white, over the streets below it. */
function pictureOf(drawing) {
  const picture = document.createElement("canvas");
  picture.width = drawing.width;
  picture.height = drawing.height;
  picture.className = "picture";
  picture.style.cssText = drawing.style.cssText;
  picture.getContext("2d").drawImage(drawing, 0, 0);
  drawing.after(picture);
  return picture;
}

function forScreen() {
  if (!before) return;
  before.picture.remove();
  document.body.classList.remove("on-paper");
  L.Browser.retina = before.sharp;
  for (const [details, open] of before.folds) details.open = open;
  map.invalidateSize({ animate: false });
  map.setView(before.centre, before.zoom, { animate: false });
  before = null;
}

/** The paper of the first sheet and all others: the rule of the page's style is the browser's. */
function choosePaper(size) {
  document.body.classList.toggle("a3", size === "A3");
  for (const { cssRules } of document.styleSheets)
    for (const outer of cssRules)
      for (const rule of outer.cssRules || [])
        if (rule instanceof CSSPageRule) rule.style.setProperty("size", `${size} landscape`);
}

byId("paper").addEventListener("change", () => choosePaper(byId("paper").value));
window.addEventListener("beforeprint", forPaper);
window.addEventListener("afterprint", forScreen);
