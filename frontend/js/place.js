// The pin on a house: tap or drag it, move it with the arrow keys, or let the device say where it is. The village is the way without a map.
import * as L from "leaflet/dist/leaflet-src.esm.js";
import { shape } from "./pins.js";

const CLOSE = document.documentElement.dataset.tiles ? 15 : 13.5; // without tiles there is nothing to be seen from nearer
const UNSURE = 1000; // metres of doubt at which the person is asked to look
const FAR = 4000; // metres from the chosen village at which the pin chooses another

export function pickPlace(map, box) {
  const place = box.closest("[data-place]");
  const village = place.querySelector("[data-village]");
  const locate = place.querySelector("[data-locate]");
  const said = place.querySelector(".place-words");
  const part = (name) => place.querySelector(`[data-point="${name}"]`);
  const options = [...village.options].filter((one) => one.dataset.lat);
  const pointOf = (option) => L.latLng(Number(option.dataset.lat), Number(option.dataset.lng));
  let pin = null;
  let placed = Boolean(part("latitude").value);

  const nearest = (at) => options.reduce((best, one) => (!best || at.distanceTo(pointOf(one)) < at.distanceTo(pointOf(best)) ? one : best), null);
  const put = (at, byHand) => {
    if (!pin) {
      const icon = L.divIcon({ className: "pin-icon", html: shape("mine"), ...(document.documentElement.hasAttribute("data-elder") ? { iconSize: [60, 66], iconAnchor: [30, 60] } : { iconSize: [44, 48], iconAnchor: [22, 44] }) });
      pin = L.marker(at, { icon, draggable: true, autoPan: true, title: place.dataset.pin, alt: place.dataset.pin }).addTo(map);
      pin.getElement()?.setAttribute("aria-label", place.dataset.pin);
      pin.on("dragend", () => put(pin.getLatLng(), true));
      pin.getElement()?.addEventListener("keydown", nudge);
    }
    pin.setLatLng(at);
    part("latitude").value = at.lat.toFixed(6);
    part("longitude").value = at.lng.toFixed(6);
    part("datum").value = "wgs84";
    placed = placed || byHand;
    const near = nearest(at);
    if (!near) return;
    const current = village.selectedOptions[0];
    if (byHand && (!current?.dataset.lat || at.distanceTo(pointOf(current)) > FAR)) village.value = near.value;
    said.textContent = place.dataset.near.replace("§", near.textContent.trim());
  };
  const nudge = (event) => {
    const step = { ArrowUp: [0, -8], ArrowDown: [0, 8], ArrowLeft: [-8, 0], ArrowRight: [8, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    put(map.layerPointToLatLng(map.latLngToLayerPoint(pin.getLatLng()).add(step)), true);
  };

  place.addEventListener("place:put", ({ detail }) => {
    const at = L.latLng(detail.latitude, detail.longitude);
    put(at, true);
    map.setView(at, CLOSE);
  });
  map.on("click", (event) => put(event.latlng, true));
  village.addEventListener("change", () => {
    const option = village.selectedOptions[0];
    if (!option?.dataset.lat) return;
    put(pointOf(option), false);
    map.setView(pointOf(option), Math.max(map.getZoom(), CLOSE - 1));
  });
  place.querySelector("[autocomplete=street-address]")?.addEventListener("change", (event) => {
    if (village.value || placed) return;
    const named = options.filter((one) => event.target.value.includes(one.textContent.trim()));
    if (!named.length) return;
    village.value = named.reduce((best, one) => (one.textContent.length > best.textContent.length ? one : best)).value;
    village.dispatchEvent(new Event("change"));
  });
  if (navigator.geolocation && locate) {
    locate.hidden = false;
    locate.addEventListener("click", () => {
      said.textContent = place.dataset.finding;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const at = L.latLng(coords.latitude, coords.longitude);
          const close = nearest(at);
          if (close && at.distanceTo(pointOf(close)) > 10 * FAR) return (said.textContent = place.dataset.unsure);
          put(at, true);
          map.setView(at, CLOSE);
          if (coords.accuracy > UNSURE) said.textContent = place.dataset.unsure;
        },
        () => (said.textContent = place.dataset.denied),
        { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
      );
    });
  }
  if (placed) {
    const at = L.latLng(Number(part("latitude").value), Number(part("longitude").value));
    put(at, true);
    map.setView(at, CLOSE, { animate: false });
  } else if (village.selectedOptions[0]?.dataset.lat) {
    put(pointOf(village.selectedOptions[0]), false);
    map.setView(pointOf(village.selectedOptions[0]), CLOSE - 1, { animate: false });
  }
}
