// The county on Leaflet: pale areas, water, stations; pins of orders, or one pin to be put on a house.
import * as L from "leaflet/dist/leaflet-src.esm.js";
import { drawCounty, english } from "./js/county.js";
import { followPins } from "./js/pins.js";
import { pickPlace } from "./js/place.js";
import { drawRoute } from "./js/route.js";
import { drawWays } from "./js/ways.js";
import { words } from "./js/words.js";

const NAMED = 8; // areas whose names fit on a map
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Draw the areas of an address with their names, and look at them closely. */
async function drawAreas(map, address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) return;
  const areas = await answer.json();
  if (!areas.features.length) return;
  const layer = L.geoJSON(areas, { interactive: false, style: (one) => ({ className: `map-grid map-grid-${one.properties.kind}` }) }).addTo(map);
  const grids = areas.features.filter((one) => one.properties.kind === "grid");
  if (grids.length <= NAMED) grids.forEach((one) => {
    const html = document.createElement("span");
    html.textContent = english ? one.properties.name_en : one.properties.name;
    const at = L.geoJSON(one).getBounds().getCenter();
    L.marker(at, { pane: "names", interactive: false, keyboard: false, icon: L.divIcon({ className: "map-name map-name-grid", html, iconSize: null }) }).addTo(map);
  });
  map.fitBounds(layer.getBounds(), { padding: [24, 24], maxZoom: 16, animate: false });
}

/** Draw the map that ``box`` asks for. */
export async function draw(box) {
  const map = L.map(box, { zoomControl: false, zoomSnap: 0.25, minZoom: 8, maxZoom: 18, zoomAnimation: !still, fadeAnimation: !still, attributionControl: false });
  L.control.zoom({ position: "topright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut, zoomInText: "+", zoomOutText: "−" }).addTo(map);
  const tiles = document.documentElement.dataset.tiles;
  if (tiles) {
    L.control.attribution().setPrefix(false).addTo(map);
    L.tileLayer(tiles, { attribution: document.documentElement.dataset.attribution ?? "" }).addTo(map);
    box.classList.add("map-tiled");
  }
  const county = await (await fetch(box.dataset.county)).json();
  const bounds = drawCounty(map, county, english);
  map.setMaxBounds(bounds.pad(0.4));
  const whole = map.getZoom();
  const size = () => box.classList.toggle("map-far", map.getZoom() < whole + 0.75);
  map.on("zoomend", size);
  size();
  if (box.dataset.map === "pick") pickPlace(map, box);
  else if (box.dataset.map === "plan") drawWays(map, box);
  else if (box.dataset.map === "route") drawRoute(map, box);
  else followPins(map, box);
  if (box.dataset.areas) drawAreas(map, box.dataset.areas);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  box.map = map;
}
