/* Puts the parts together: draws the page, and again when circle or language change. */
const PARTS = [
  drawHeader,
  drawCircleSwitch,
  drawOwnHeadline,
  drawHeadline,
  drawVerdict,
  drawFind,
  drawCredit,
  drawZoomButtons,
  drawLayers,
  drawSites,
  drawWays,
  drawTryout,
  drawComments,
  drawNeighbourhoods,
  drawShares,
  drawAccess,
  drawUnits,
  drawPlans,
  drawLists,
  drawMethod,
  drawSources,
];

function draw() {
  map.closePopup();
  recount();
  for (const drawPart of PARTS) drawPart();
}

readAddress();
draw();
showWhole(); // now that everything around the map has its size
byId("language").addEventListener("click", () => {
  state.lang = state.lang === "zh" ? "en" : "zh";
  draw();
});
window.addEventListener("hashchange", () => {
  readAddress();
  draw();
});
byId("print").addEventListener("click", () => window.print());
