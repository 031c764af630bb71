// A crew's day on the map: home, the visits in their order with numbers, the way between them.
import * as L from "leaflet/dist/leaflet-src.esm.js";
import { shape } from "./pins.js";

const SIZE = document.documentElement.hasAttribute("data-elder") ? [60, 66] : [44, 48];

export async function drawRoute(map, box) {
  const answer = await fetch(box.dataset.pins, { cache: "no-store" });
  if (!answer.ok) return;
  const { pins, line, team } = await answer.json();
  const points = [...pins.map((pin) => [pin.latitude, pin.longitude]), ...line];
  if (line.length > 1) L.polyline(line, { className: "map-line", interactive: false }).addTo(map);
  if (line.length) {
    const ring = '<svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8"/></svg>';
    const icon = L.divIcon({ className: "pin-icon pin-team", html: ring, iconSize: [24, 24], iconAnchor: [12, 12] });
    L.marker([team.latitude, team.longitude], { icon, interactive: false, keyboard: false }).bindTooltip(team.title, { direction: "right", offset: [10, 0] }).addTo(map);
  }
  pins.forEach((pin) => {
    const title = [pin.sign, pin.title].filter(Boolean).join(" · "); // what is seen on the pin is in its name
    const icon = L.divIcon({ className: "pin-icon", html: shape(pin.tone, pin.sign), iconSize: SIZE, iconAnchor: [SIZE[0] / 2, SIZE[1] - 4] });
    const marker = L.marker([pin.latitude, pin.longitude], { icon, title, alt: title, riseOnHover: true });
    marker.on("click keypress", (event) => {
      if (event.type === "click" || event.originalEvent.key === "Enter") location.assign(pin.href);
    });
    marker.on("add", () => marker.getElement()?.setAttribute("aria-label", title));
    marker.addTo(map);
  });
  if (points.length) map.fitBounds(L.latLngBounds(points).pad(0.25), { maxZoom: 15, animate: false });
}
