// Orders that wait on this phone for a network: kept whole with their photos, sent once, then forgotten.
// Used by pages and by the service worker, so there is no document here.
import { createStore, del, entries, get, set } from "idb-keyval";

const store = createStore("volunteer", "waiting");
const OURS = "csrf_token"; // fetched anew when it is sent: the old one may have run out

/** Keep a form. Its ``once`` is the key: the same form kept twice is one. */
export async function keep(url, form) {
  const fields = [...form.entries()].filter(([name]) => name !== OURS);
  const once = fields.find(([name]) => name === "once")?.[1] ?? String(Date.now());
  await set(once, { url, fields, at: Date.now(), wrong: false }, store);
  return once;
}

/** Everything that waits or was sent while nobody looked, the oldest first. */
export async function kept() {
  return (await entries(store)).map(([once, one]) => ({ once, ...one })).sort((a, b) => a.at - b.at);
}

export const forget = (once) => del(once, store);

/** Send what waits, one after the other; only one of all open pages does it. Resolves to what is known about each. */
export async function sendAll() {
  const locks = self.navigator?.locks;
  if (!locks) return sendEach();
  return locks.request("waiting-orders", { ifAvailable: true }, (lock) => (lock ? sendEach() : undefined));
}

async function sendEach() {
  for (const one of await kept()) {
    if (one.wrong || one.sent) continue;
    await send(one);
  }
}

async function send(one) {
  const page = await fetch(one.url, { headers: { Accept: "text/html" } });
  const token = /name="csrf_token" value="([^"]+)"/.exec(await page.text())?.[1];
  if (!page.ok || !token) throw new Error("no form");
  const body = new FormData();
  one.fields.forEach(([name, value]) => body.append(name, value));
  body.append(OURS, token);
  const answer = await fetch(one.url, { method: "POST", body, headers: { Accept: "text/html" } });
  const now = (await get(one.once, store)) ?? one;
  if (answer.ok && answer.redirected) {
    // what it said is on the server now; only the way to its page stays, until somebody has seen it
    await set(one.once, { url: one.url, fields: [], at: one.at, wrong: false, sent: answer.url }, store);
  } else if (answer.ok || answer.status === 422) {
    await set(one.once, { ...now, wrong: true }, store); // a person has to look: a question was left open
  } else {
    throw new Error(String(answer.status)); // busy, or somebody is sending it just now: later
  }
}
