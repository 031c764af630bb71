// A plan on the map: from each order a line to its team, its colour by distance; the line under the hand stands out.
import * as L from "leaflet/dist/leaflet-src.esm.js";

export async function drawWays(map, box) {
  const answer = await fetch(box.dataset.ways, { cache: "no-store" });
  if (!answer.ok) return;
  const drawn = new Map();
  const teams = new Map();
  const points = [];
  for (const way of (await answer.json()).ways) {
    const from = [way.latitude, way.longitude];
    points.push(from);
    const dot = L.circleMarker(from, { radius: way.to ? 5 : 7, className: `way-dot way-${way.tone}` }).bindTooltip(way.title).addTo(map);
    let line = null;
    if (way.to) {
      points.push(way.to);
      line = L.polyline([from, way.to], { className: `way way-${way.tone}` }).bindTooltip(way.title, { sticky: true }).addTo(map);
      teams.set(String(way.to), way);
    }
    drawn.set(String(way.id), { dot, line });
    [dot, line].filter(Boolean).forEach((one) => one.on("click", () => reveal(way.id)));
  }
  teams.forEach((way) => {
    const ring = '<svg width="20" height="20" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8"/></svg>';
    const icon = L.divIcon({ className: "pin-icon pin-team", html: ring, iconSize: [20, 20], iconAnchor: [10, 10] });
    L.marker(way.to, { icon, keyboard: false, interactive: true }).bindTooltip(way.team).addTo(map);
  });
  if (points.length) {
    const all = L.latLngBounds(points).pad(0.1);
    map.setMaxBounds(L.latLngBounds(map.options.maxBounds).extend(all)); // a team may live beyond the county
    map.fitBounds(all, { maxZoom: 13, animate: false });
  }
  const rows = document.querySelector("#rows");
  const light = (event) => {
    const id = event.target.closest?.("[data-id]")?.dataset.id;
    drawn.forEach((one, key) => [one.line, one.dot].filter(Boolean).forEach((shape) => shape.getElement()?.classList.toggle("way-on", key === id)));
    drawn.get(id)?.line?.bringToFront();
  };
  rows?.addEventListener("pointerover", light);
  rows?.addEventListener("focusin", light);
}

function reveal(id) {
  const row = document.querySelector(`#rows [data-id="${CSS.escape(String(id))}"]`);
  if (!row) return;
  row.scrollIntoView({ block: "center" });
  row.querySelector("a")?.focus({ preventScroll: true });
}
