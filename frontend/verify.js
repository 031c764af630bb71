// Checking a certificate by its QR code: a scanned address is opened here, and what it carries behind "#" is checked against the keys.
// The words stand in the page; nothing that was scanned is sent to the server but the number.
import { bare, check, claimedNumber } from "./js/signed.js";

document.addEventListener("scan:found", (event) => {
  const number = claimedNumber(event.detail);
  if (!number) return; // a plain address or a number: the form asks
  event.preventDefault();
  location.assign(`/verify/${number}#${encodeURIComponent(bare(event.detail))}`);
});

const box = document.querySelector("[data-signature]");
const fours = (text) => text.replace(/(.{4})(?=.)/g, "$1 ");
const day = (days) => new Date(days * 86_400_000).toISOString().slice(0, 10);

async function look() {
  const scanned = location.href;
  history.replaceState(null, "", location.pathname + location.search); // the name in it need not stay in the history
  const found = await check(scanned, JSON.parse(box.dataset.keys)).catch((error) => ({ fault: error.message }));
  const { claims } = found;
  const same = claims && claims.number === box.dataset.number && claims.digest === box.dataset.digest;
  const says = found.fault ?? (same ? (found.revoked ? "revoked" : found.retired ? "retired" : "true") : "other");
  for (const one of box.querySelectorAll("[data-when]")) one.hidden = !one.dataset.when.split(" ").includes(says);
  box.classList.add(same ? "signature-true" : "signature-false");
  if (claims) {
    const minutes = [[Math.floor(claims.minutes / 60), box.dataset.hour], [claims.minutes % 60, box.dataset.minute]];
    const words = {
      ...claims,
      number: fours(claims.number),
      document: claims.document.replace(/\*+/g, "…"),
      period: `${day(claims.first)} – ${day(claims.last)}`,
      time: minutes.filter(([count]) => count).map((pair) => pair.join(" ")).join(" "),
      stars: "★".repeat(claims.stars),
      times: claims.times ? `${claims.times} ×` : "",
      issued: day(claims.issued),
      kid: fours(found.kid),
      digest: fours(claims.digest.slice(0, 16)),
    };
    for (const place of box.querySelectorAll("[data-claim]")) {
      place.textContent = words[place.dataset.claim];
      place.closest("div").hidden = !place.textContent;
    }
    box.querySelector("dl").hidden = false;
  }
  if (!same) doubt();
  box.hidden = false;
}

/** Nobody shall see a green "valid" above a false code: the warning comes first, and the answer about the number says less. */
function doubt() {
  const verdict = document.querySelector(".verdict");
  verdict.before(box);
  if (!verdict.classList.replace("verdict-ok", "verdict-soon")) return;
  verdict.querySelector("h1").textContent = box.dataset.doubt;
  verdict.querySelector(".icon").remove();
}

if (box && location.hash.length > 5) look();
window.addEventListener("hashchange", () => box && location.hash.length > 5 && look());
