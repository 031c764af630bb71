// Checks the signed text of a certificate's QR code: "VH1:" + base45 of a COSE_Sign1 with Ed25519 over CBOR claims.
// The twin of volunteer/certificates/signing.py: what one believes, the other does, and nothing else.
import * as ed from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { decode, encode } from "cborg";

ed.hashes.sha512 = sha512; // pages opened from a file or over plain http may have no WebCrypto

const PREFIX = "VH1:";
const LONGEST = 2000;
const EDDSA = -8;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const NAMES = ["number", "name", "document", "first", "last", "minutes", "times", "unit", "issued", "digest", "signed", "kind", "stars"];
const OPTIONAL = { document: "", times: 0, kind: 0, stars: 0 };
const KINDS = ["service", "star", "lent"];
const STATUS = "VH1-STATUS\n";

export class Unbelievable extends Error {}

/** The text itself, when `text` is an address that carries it behind "#". */
export function bare(text) {
  text = text.replace(/^[\r\n\t]+|[\r\n\t]+$/g, "").slice(0, LONGEST);
  const mark = text.indexOf("#");
  if (mark < 0 || !text.slice(0, mark).includes("://")) return text;
  try {
    return decodeURIComponent(text.slice(mark + 1));
  } catch {
    return text.slice(mark + 1);
  }
}

/**
 * What a scanned text says: {claims, kid, retired, revoked}. `keys` are as in keys.json: {kid, public, begins, ends, revoked} in
 * hexadecimal and seconds. Throws Unbelievable with "unreadable", "unknown_key", "forged", "key_revoked" or "key_not_in_use".
 */
export async function check(text, keys, at = Date.now() / 1000) {
  const [protectedHeader, payload, signature] = read(bare(text));
  const kid = keyOf(protectedHeader);
  const key = keys.find((one) => one.kid === kid);
  if (!key) throw new Unbelievable("unknown_key");
  const message = encode(["Signature1", protectedHeader, new Uint8Array(0), payload]);
  if (!(await holds(signature, message, bytes(key.public)))) throw new Unbelievable("forged");
  const claims = claimsIn(payload);
  if (hex(encode(labelled(claims))) !== hex(payload)) throw new Unbelievable("unreadable");
  const revoked = key.revoked ?? null;
  if (revoked !== null && claims.signed >= revoked) throw new Unbelievable("key_revoked");
  if (claims.signed < key.begins || (key.ends !== null && claims.signed > key.ends)) throw new Unbelievable("key_not_in_use");
  return { claims: { ...claims, kind: KINDS[claims.kind] }, kid, retired: key.ends !== null && key.ends <= at, revoked: revoked !== null };
}

/** Whether `list` (status.json) was signed by one of `keys` that is not revoked, and what it says: {as_of, revoked, replaced}; null when not. */
export async function statusList(list, keys) {
  const key = keys.find((one) => one.kid === list?.kid);
  if (!key || (key.revoked ?? null) !== null || typeof list.statement !== "string" || typeof list.signature !== "string") return null;
  const signature = unbase64(list.signature);
  if (!(await holds(signature, new TextEncoder().encode(STATUS + list.statement), bytes(key.public)))) return null;
  return JSON.parse(list.statement);
}

/** What stands for a certificate in the status list. */
export function unlisted(claims) {
  return hex(sha256(new TextEncoder().encode(`${claims.number}:${claims.digest}`)).slice(0, 16));
}

async function holds(signature, message, publicKey) {
  if (signature.length !== 64) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    try {
      return ed.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  }
}

function read(text) {
  const cose = text.startsWith(PREFIX) ? base45(text.slice(PREFIX.length)) : null;
  if (!cose || cose[0] !== 0xd2) throw new Unbelievable("unreadable"); // tag 18: COSE_Sign1
  const parts = load(cose.subarray(1));
  const [protectedHeader, unprotected, payload, signature] = Array.isArray(parts) && parts.length === 4 ? parts : [];
  const whole = [protectedHeader, payload, signature].every((part) => part instanceof Uint8Array);
  if (!whole || !(unprotected instanceof Map) || unprotected.size) throw new Unbelievable("unreadable");
  if (written(protectedHeader, payload, signature) !== text) throw new Unbelievable("unreadable"); // there is one way to write it
  return [protectedHeader, payload, signature];
}

function keyOf(protectedHeader) {
  const said = load(protectedHeader);
  const kid = said instanceof Map && said.get(1) === EDDSA ? said.get(4) : null;
  if (!(kid instanceof Uint8Array) || hex(header(hex(kid))) !== hex(protectedHeader)) throw new Unbelievable("unreadable");
  return hex(kid);
}

function claimsIn(payload) {
  const said = load(payload);
  if (!(said instanceof Map)) throw new Unbelievable("unreadable");
  const claims = { ...OPTIONAL };
  for (const [label, value] of said) {
    const name = NAMES[label - 1];
    const right = name === "digest" ? value instanceof Uint8Array : ["name", "document", "unit"].includes(name) ? typeof value === "string" : Number.isSafeInteger(value) && value >= 0;
    if (!name || !right) throw new Unbelievable("unreadable");
    claims[name] = name === "digest" ? hex(value) : name === "number" ? String(value).padStart(13, "0") : value;
  }
  if (NAMES.some((name) => claims[name] === undefined) || claims.kind >= KINDS.length) throw new Unbelievable("unreadable");
  return claims;
}

function labelled(claims) {
  const said = new Map();
  NAMES.forEach((name, place) => {
    if (name in OPTIONAL && claims[name] === OPTIONAL[name]) return;
    said.set(place + 1, name === "digest" ? bytes(claims.digest) : name === "number" ? Number(claims.number) : claims[name]);
  });
  return said;
}

const header = (kid) => encode(new Map([[1, EDDSA], [4, bytes(kid)]]));

function written(protectedHeader, payload, signature) {
  const cose = encode([protectedHeader, new Map(), payload, signature]);
  return PREFIX + unbase45(new Uint8Array([0xd2, ...cose]));
}

function load(data) {
  try {
    return decode(data, { useMaps: true, strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true });
  } catch {
    throw new Unbelievable("unreadable");
  }
}

/** RFC 9285; null for what is not base45. */
function base45(text) {
  const out = [];
  for (let at = 0; at < text.length; at += 3) {
    const digits = [...text.slice(at, at + 3)].map((letter) => ALPHABET.indexOf(letter));
    if (digits.length < 2 || digits.includes(-1)) return null;
    const value = digits[0] + digits[1] * 45 + (digits[2] ?? 0) * 2025;
    if (value > (digits.length === 3 ? 0xffff : 0xff)) return null;
    out.push(...(digits.length === 3 ? [value >> 8, value & 255] : [value]));
  }
  return new Uint8Array(out);
}

function unbase45(data) {
  let text = "";
  for (let at = 0; at < data.length; at += 2) {
    const pair = at + 1 < data.length;
    const value = pair ? data[at] * 256 + data[at + 1] : data[at];
    text += ALPHABET[value % 45] + ALPHABET[Math.floor(value / 45) % 45] + (pair ? ALPHABET[Math.floor(value / 2025)] : "");
  }
  return text;
}

const hex = (data) => [...data].map((one) => one.toString(16).padStart(2, "0")).join("");
const bytes = (text) => new Uint8Array((text.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
const unbase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

/** The number that a scanned text speaks of, checked or not; null when it is no text of ours. */
export function claimedNumber(text) {
  try {
    return claimsIn(read(bare(text))[1]).number;
  } catch {
    return null;
  }
}
