// Pins of the orders in a list: their state as a colour, a number where many stand together, chosen together with the row.
import * as L from "leaflet/dist/leaflet-src.esm.js";
import { words } from "./words.js";

const LARGE = document.documentElement.hasAttribute("data-elder"); // a finger that shakes
const SIZE = LARGE ? [60, 66] : [44, 48];
const CROWD = SIZE[1]; // pixels in which pins are drawn as one: no finger meets two
const TONES = ["late", "soon", "info", "ok", "grey"];

export function followPins(map, box) {
  const layer = L.layerGroup().addTo(map);
  const lines = L.layerGroup().addTo(map);
  let pins = [];
  let tag = "";
  let chosen = "";
  const list = () => (box.dataset.list ? document.querySelector(box.dataset.list) : null);

  const load = async () => {
    if (!box.dataset.pins) pins = [...(list()?.querySelectorAll("[data-lat]") ?? [])].map(ofRow);
    else {
      const answer = await fetch(box.dataset.pins, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
      if (answer.status === 304 || !answer.ok) return;
      tag = answer.headers.get("ETag") ?? "";
      pins = (await answer.json()).pins;
    }
    show();
  };
  const show = () => {
    layer.clearLayers();
    const on = (pin) => String(pin.id) === chosen;
    crowds(map, pins.filter((pin) => !on(pin))).forEach((crowd) => markerOf(map, box, crowd, false).addTo(layer));
    pins.filter(on).forEach((pin) => markerOf(map, box, [pin], true).addTo(layer)); // never in a crowd, and open already
  };
  box.addEventListener("map:choose", (event) => {
    chosen = String(event.detail?.id ?? "");
    lines.clearLayers();
    const pin = pins.find((one) => String(one.id) === chosen);
    if (pin && !map.getBounds().pad(-0.1).contains([pin.latitude, pin.longitude])) map.panTo([pin.latitude, pin.longitude]);
    show();
  });
  box.addEventListener("map:line", (event) => {
    lines.clearLayers();
    const pin = pins.find((one) => String(one.id) === chosen);
    const team = event.detail;
    if (!pin || !team) return;
    L.polyline([[pin.latitude, pin.longitude], [team.latitude, team.longitude]], { className: "map-line", interactive: false }).addTo(lines);
    const ring = '<svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8"/></svg>';
    const mark = L.divIcon({ className: "pin-icon pin-team", html: ring, iconSize: [24, 24], iconAnchor: [12, 12] });
    L.marker([team.latitude, team.longitude], { icon: mark, interactive: false, keyboard: false }).bindTooltip(team.name, { direction: "right", offset: [10, 0] }).addTo(lines);
    const both = L.latLngBounds([[pin.latitude, pin.longitude], [team.latitude, team.longitude]]);
    if (!map.getBounds().contains(both)) map.fitBounds(both.pad(0.4), { maxZoom: map.getZoom() });
  });
  map.on("zoomend", show);
  document.addEventListener("live:swap", (event) => event.target.contains(list()) && load());
  load().then(() => box.dispatchEvent(new CustomEvent("map:ready", { bubbles: true })));
}

function ofRow(row) {
  const link = row.querySelector("a");
  return { id: row.dataset.id, latitude: Number(row.dataset.lat), longitude: Number(row.dataset.lng), tone: row.dataset.tone ?? "info", title: link?.textContent.trim() ?? "", href: link?.href };
}

/** Pins that would overlap, together: a list of lists. */
function crowds(map, pins) {
  const found = [];
  pins.forEach((pin) => {
    const at = map.latLngToLayerPoint([pin.latitude, pin.longitude]);
    const near = found.find((crowd) => crowd.at.distanceTo(at) < CROWD);
    if (near) near.pins.push(pin);
    else found.push({ at, pins: [pin] });
  });
  return found.map((crowd) => crowd.pins);
}

function markerOf(map, box, crowd, on) {
  const tone = TONES.find((one) => crowd.some((pin) => pin.tone === one)) ?? "grey";
  const many = crowd.length > 1;
  const sign = many ? crowd.length : tone === "late" ? "!" : "";
  const icon = L.divIcon({ className: `pin-icon ${on ? "pin-on" : ""}`, html: shape(tone, sign), iconSize: SIZE, iconAnchor: [SIZE[0] / 2, SIZE[1] - 4] });
  const at = [crowd[0].latitude, crowd[0].longitude];
  const title = many ? words.orders(crowd.length) : crowd[0].title;
  const marker = L.marker(at, { icon, title, alt: title, riseOnHover: true, interactive: !on, keyboard: !on });
  marker.on("click keypress", (event) => {
    if (event.type === "keypress" && event.originalEvent.key !== "Enter") return;
    if (many && map.getZoom() < 13.5) map.fitBounds(L.latLngBounds(crowd.map((pin) => [pin.latitude, pin.longitude])).pad(0.5), { maxZoom: 14 });
    else box.dispatchEvent(new CustomEvent("map:pin", { bubbles: true, detail: crowd[0] }));
  });
  marker.on("add", () => {
    marker.getElement()?.setAttribute("aria-label", title);
    if (on) marker.getElement()?.setAttribute("role", "img");
  });
  return marker;
}

export function shape(tone, sign = "") {
  return `<svg class="pin pin-${tone}" viewBox="0 0 44 48" aria-hidden="true"><path class="pin-shape" d="M22 44c-2.500-5-13-11.500-13-22a13 13 0 0 1 26 0c0 10.500-10.500 17-13 22Z"/><text x="22" y="27">${sign}</text></svg>`;
}
