// A form is sent once; a form that filters sends itself; photos are shown, and made smaller, before they travel.
const WAIT = 8000;
const LARGE = 1_500_000;
const SIDE = 1600;

export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => mark(form, true)); // after the browser has read which button was pressed
    setTimeout(() => free(form), WAIT);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));
  document.querySelectorAll("form[data-auto]").forEach((form) => {
    form.addEventListener("change", () => form.requestSubmit());
  });
  document.querySelectorAll("[data-photos]").forEach(photos);
}

function mark(form, busy) {
  form.querySelectorAll("button[type=submit], button:not([type])").forEach((button) => {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  });
}

function free(form) {
  delete form.dataset.sent;
  mark(form, false);
}

function photos(field) {
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector(".photo-previews");
  if (!input || !list || !window.DataTransfer) return;
  const limit = Number(field.dataset.photos) || 1;
  let kept = [];

  const show = () => {
    const transfer = new DataTransfer();
    kept.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    list.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    list.replaceChildren(...kept.map((file) => preview(file, () => ((kept = kept.filter((one) => one !== file)), show()))));
  };
  const preview = (file, remove) => {
    const item = document.createElement("li");
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "photo-remove";
    button.setAttribute("aria-label", field.dataset.remove ?? "×");
    button.textContent = "×";
    button.addEventListener("click", remove);
    item.append(image, button);
    return item;
  };
  input.addEventListener("change", async () => {
    const originals = [...input.files]; // redrawn, a photo has forgotten where it was taken
    const chosen = await Promise.all(originals.map(smaller));
    kept = (limit > 1 ? [...kept, ...chosen] : chosen).slice(0, limit);
    show();
    field.dispatchEvent(new CustomEvent("photos:chosen", { detail: originals }));
  });
}

/** A large picture redrawn at 1,600 px; anything that cannot be drawn goes as it is. */
async function smaller(file) {
  if (file.size < LARGE || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}
