/* Puts the parts together: draws the page, and again when circle or language change. */
const PARTS = [
  drawHeader,
  drawCircleSwitch,
  drawHeadline,
  drawVerdict,
  drawCredit,
  drawZoomButtons,
  drawLayers,
  drawSites,
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
  for (const drawPart of PARTS) drawPart();
}

draw();
showWhole(); // now that everything around the map has its size
byId("language").addEventListener("click", () => {
  state.lang = state.lang === "zh" ? "en" : "zh";
  draw();
});
byId("print").addEventListener("click", () => window.print());
