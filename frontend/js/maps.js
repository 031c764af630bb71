// Maps are heavy, so they come only when one is in sight: map.js and its style are asked for then.
export function startMaps() {
  const boxes = document.querySelectorAll("[data-map]");
  document.querySelectorAll("[data-place]").forEach((place) => {
    place.querySelector(".place-map").hidden = false;
    const village = place.querySelector("[data-village]"); // a pin chooses one by itself
    village.required = true;
    village.dataset.requiredInSight = ""; // not asked for while one of the saved places is chosen
  });
  if (!("IntersectionObserver" in window)) return boxes.forEach(draw);
  const watcher = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      watcher.unobserve(entry.target);
      draw(entry.target);
    });
  });
  boxes.forEach((box) => watcher.observe(box));
}

async function draw(box) {
  const message = document.createElement("p");
  message.className = "map-message";
  message.textContent = box.dataset.loading;
  box.append(message);
  try {
    await Promise.all([styled(box.dataset.style), import(/* the address is ours */ box.dataset.script).then((map) => map.draw(box))]);
    message.remove();
  } catch (error) {
    message.textContent = box.dataset.failed;
    console.warn(error);
  }
}

function styled(address) {
  if (document.querySelector(`link[href="${address}"]`)) return Promise.resolve();
  return new Promise((done, failed) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
    link.addEventListener("load", done);
    link.addEventListener("error", failed);
    document.head.append(link);
  });
}
