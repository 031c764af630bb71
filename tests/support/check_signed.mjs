// Reads lines of JSON from standard input: first {"keys", "at"}, then one text a line. Prints what the browser's verifier says of each.
import { createInterface } from "node:readline";
import { bare, check } from "../../frontend/js/signed.js";

let known = null;
for await (const line of createInterface({ input: process.stdin })) {
  const said = JSON.parse(line);
  if (!known) known = said;
  else console.log(await check(said, known.keys, known.at).then((found) => JSON.stringify(found), (error) => JSON.stringify({ fault: error.message, bare: bare(said) })));
}
