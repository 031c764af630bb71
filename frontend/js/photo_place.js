// A photo may know where it was taken. It is read on the phone, offered as the place, and only used when the person says so.
import { words } from "./words.js";

export function startPhotoPlace() {
  document.querySelectorAll("[data-photos][data-exif]").forEach((field) => {
    const place = document.querySelector("[data-place]");
    if (place) field.addEventListener("photos:chosen", (event) => offer(field, place, event.detail));
  });
}

async function offer(field, place, files) {
  const { whereOf } = await import(/* the address is ours */ field.dataset.exif);
  for (const file of files) {
    const at = await whereOf(file);
    const near = at && nearest(place, at);
    if (near) return ask(field, place, at, near);
  }
}

/** The village nearest to the photo, if the photo was taken in the county at all. */
function nearest(place, at) {
  const options = [...place.querySelectorAll("[data-village] option[data-lat]")];
  const far = (one) => Math.hypot((Number(one.dataset.lat) - at.latitude) * 111, (Number(one.dataset.lng) - at.longitude) * 95);
  const best = options.reduce((found, one) => (!found || far(one) < far(found) ? one : found), null);
  return best && far(best) < 40 ? best : null;
}

function ask(field, place, at, near) {
  field.querySelector(".photo-place")?.remove();
  const box = Object.assign(document.createElement("div"), { className: "notice notice-info photo-place" });
  box.setAttribute("role", "status");
  const said = document.createElement("p");
  said.append(words.photoNear[0], Object.assign(document.createElement("b"), { textContent: near.textContent.trim(), lang: "zh-Hans" }), words.photoNear[1]);
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet", textContent: words.photoUse });
  button.addEventListener("click", () => {
    use(place, at, near);
    said.textContent = words.photoUsed;
    button.remove();
  });
  const column = Object.assign(document.createElement("div"), { className: "stack-sm" });
  column.append(said, button);
  box.append(column);
  field.append(box);
}

function use(place, at, near) {
  const part = (name) => place.querySelector(`[data-point="${name}"]`);
  part("latitude").value = at.latitude.toFixed(6);
  part("longitude").value = at.longitude.toFixed(6);
  part("datum").value = "wgs84"; // what cameras write
  place.querySelector("[data-village]").value = near.value;
  place.dispatchEvent(new CustomEvent("place:put", { detail: at }));
}
