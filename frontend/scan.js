// Pages where a QR can be read instead of typed. Without script or camera the field beside it is all there is.
//   <div data-scan="#f-code" data-denied="…words…" hidden>
//     <button type="button" data-scan-start>…</button> <video hidden></video> <button type="button" data-scan-stop hidden>…</button> <p role="status"></p>
//   </div>
// What was read is announced as the event "scan:found" (detail = the text); unless somebody prevents that, it is put into
// the field that data-scan names, and the field's form is sent.
import { canWatch, watch } from "./js/camera.js";

for (const box of canWatch() ? document.querySelectorAll("[data-scan]") : []) {
  const [start, end] = [box.querySelector("[data-scan-start]"), box.querySelector("[data-scan-stop]")];
  const video = box.querySelector("video");
  const status = box.querySelector("[role=status]");
  let stop = () => {};

  const show = (watching) => {
    video.hidden = end.hidden = !watching;
    start.hidden = watching;
  };
  const close = () => (stop(), show(false));
  const found = (text) => {
    show(false);
    if (!box.dispatchEvent(new CustomEvent("scan:found", { bubbles: true, cancelable: true, detail: text }))) return;
    const field = document.querySelector(box.dataset.scan);
    field.value = text;
    field.form.requestSubmit();
  };
  start.addEventListener("click", async () => {
    status.textContent = "";
    show(true);
    try {
      stop = await watch(video, found);
    } catch {
      show(false);
      status.textContent = box.dataset.denied ?? "";
    }
  });
  end.addEventListener("click", close);
  window.addEventListener("pagehide", close);
  box.hidden = false;
}
