// The drawn ground: what /map.geojson holds, back to front.
import * as L from "leaflet/dist/leaflet-src.esm.js";

export const english = document.documentElement.lang === "en";
const TINTS = 4;

/** "松陵街道新时代文明实践所" → "松陵"; "Songling Subdistrict Practice Branch" → "Songling". */
function short(name) {
  return english ? name.split(" ")[0] : name.replace(/(街道|镇|乡|开发区|度假区|高新区)?(新时代)?(文明)?(实践)?(所|中心)?$/, "") || name;
}

/** Show the whole county, draw it, and return its bounds. */
export function drawCounty(map, county, inEnglish) {
  const of = (kind) => county.features.filter((one) => one.properties.kind === kind);
  const nameOf = (one) => (inEnglish ? one.properties.name_en : one.properties.name);
  const areas = of("area");
  const stations = of("station");
  const bounds = L.geoJSON(areas.length ? areas : stations).getBounds();
  map.fitBounds(bounds, { padding: [4, 4], animate: false });
  const flat = (one) => one.geometry.type.endsWith("Polygon");
  areas.forEach((one, n) => {
    L.geoJSON(one, { interactive: false, className: `map-area map-area-${(n % TINTS) + 1}` }).addTo(map);
  });
  of("water").forEach((one) => L.geoJSON(one, { interactive: false, className: flat(one) ? "map-water" : "map-river" }).addTo(map));
  map.createPane("names").style.zIndex = 450;
  map.getPane("names").style.pointerEvents = "none";
  of("water").filter((one) => one.properties.name && flat(one)).forEach((one) => name(map, centreOf(one), nameOf(one), areaOf(one.geometry.coordinates[0]) ** 2 > 1e-5 ? "water" : "pond"));
  areas.forEach((one) => name(map, centreOf(one), short(nameOf(one)), "area"));
  stations.forEach((one) => {
    const [longitude, latitude] = one.geometry.coordinates;
    L.circleMarker([latitude, longitude], { radius: 2.2, className: "map-dot", interactive: false }).addTo(map);
  });
  return bounds;
}

function name(map, at, text, kind) {
  const html = document.createElement("span");
  html.textContent = text;
  html.lang = english ? "en" : "zh-Hans";
  L.marker(at, { pane: "names", interactive: false, keyboard: false, icon: L.divIcon({ className: `map-name map-name-${kind}`, html, iconSize: null }) }).addTo(map);
}

/** The middle of the largest ring, weighed by area. */
function centreOf(feature) {
  const rings = feature.geometry.type === "Polygon" ? [feature.geometry.coordinates[0]] : feature.geometry.coordinates.map((one) => one[0]);
  const ring = rings.map((one) => [Math.abs(areaOf(one)), one]).sort((a, b) => b[0] - a[0])[0][1];
  const whole = areaOf(ring);
  let x = 0;
  let y = 0;
  for (let n = 0; n < ring.length - 1; n++) {
    const cross = ring[n][0] * ring[n + 1][1] - ring[n + 1][0] * ring[n][1];
    x += (ring[n][0] + ring[n + 1][0]) * cross;
    y += (ring[n][1] + ring[n + 1][1]) * cross;
  }
  return [y / (6 * whole), x / (6 * whole)];
}

function areaOf(ring) {
  let sum = 0;
  for (let n = 0; n < ring.length - 1; n++) sum += ring[n][0] * ring[n + 1][1] - ring[n + 1][0] * ring[n][1];
  return sum / 2;
}
