// The page that checks certificates without a connection. It never asks a server: what it knows stands in the file, or is given to it.
import { canWatch, watch } from "./js/camera.js";
import { codeIn } from "./js/photo_code.js";
import { check, statusList, unlisted, Unbelievable } from "./js/signed.js";

const at = (id) => document.getElementById(id);
let known = JSON.parse(at("known").textContent) ?? { issuer: ["", ""], address: "", as_of: "", keys: [], status: null };
let list = null;

const FAULTS = {
  unreadable: ["读不出来", "Unreadable", "这不是志愿服务证明的二维码，或者它被改动过。", "This is not the code of a certificate, or it was changed."],
  unknown_key: ["不认识这把公钥", "Unknown key", "本页没有签这张证明的公钥：它出自别处，或者签发后换过公钥。请联网核对，或换上新的公钥文件。", "The key that signed it is not on this page: it comes from elsewhere, or the key is newer. Check online, or load a newer key file."],
  forged: ["签名是假的", "The signature is false", "里面的内容不是签发单位签的，或者被改动过。不要相信它。", "What it says was not signed by the issuer, or was changed. Do not trust it."],
  key_revoked: ["公钥已作废", "The key was revoked", "签名的时间在这把公钥作废之后。不要相信它，请联网按编号核对。", "It was signed after the key was revoked. Do not trust it: check the number online."],
  key_not_in_use: ["签名时公钥不在使用期", "Signed outside the key's time", "签名的时间不在这把公钥的使用期内。不要相信它。", "It was signed before or after the key was in use. Do not trust it."],
};
const KINDS = { service: ["志愿服务记录证明", "Certificate of volunteer service"], star: ["星级志愿者证书", "Certificate of a star"], lent: ["互派志愿服务证明", "Certificate of service lent to another county"] };

function make(tag, text, language) {
  const element = document.createElement(tag);
  element.textContent = text ?? "";
  if (language) element.lang = language;
  return element;
}

/** An element with its Chinese, and the English below. */
function both(tag, chinese, english) {
  const element = make(tag, chinese);
  if (english) element.append(" ", make("span", english, "en"));
  return element;
}

function row(chinese, english, ...values) {
  const line = document.createElement("div");
  const value = document.createElement("dd");
  value.append(...values);
  line.append(both("dt", chinese, english), value);
  return line;
}

const day = (days) => new Date(days * 86_400_000).toISOString().slice(0, 10);
const moment = (seconds) => new Date(seconds * 1000).toLocaleString("sv-SE").slice(0, 16);
const fours = (text) => text.replace(/(.{4})(?=.)/g, "$1 ");
const span = (minutes, hour, minute) => [[Math.floor(minutes / 60), hour], [minutes % 60, minute]].filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ") || `0 ${minute}`;

function facts({ claims, kid }) {
  const rows = document.createElement("dl");
  rows.append(
    row("证明", "Kind", both("span", ...KINDS[claims.kind])),
    row("编号", "Number", fours(claims.number)),
    row("姓名", "Name", claims.name),
    ...(claims.document ? [row("证件号", "Document number", claims.document.replace(/\*+/g, "…"))] : []),
    ...(claims.stars ? [row("星级", "Stars", "★".repeat(claims.stars))] : []),
    ...(claims.kind === "star" ? [] : [row("起止日期", "Period", `${day(claims.first)} – ${day(claims.last)}`)]),
    ...(claims.times ? [row("次数", "Times", String(claims.times))] : []),
    row("服务时长", "Time of service", both("span", span(claims.minutes, "小时", "分"), span(claims.minutes, "h", "min"))),
    row("记录单位", "Recorded by", claims.unit),
    row("签发日期", "Issued", day(claims.issued)),
    row("密钥", "Key", fours(kid)),
    row("摘要", "Digest", fours(claims.digest.slice(0, 16))),
  );
  return rows;
}

function online(number) {
  if (!known.address) return [];
  const link = make("a", `${known.address}/${number}`);
  link.href = `${known.address}/${encodeURIComponent(number)}`;
  link.rel = "noreferrer";
  const line = both("p", "联网查最新状态：", "See how it stands now: ");
  line.append(link);
  return [line];
}

function show(tone, ...parts) {
  const result = at("result");
  result.className = `box ${tone}`;
  result.replaceChildren(...parts);
  result.hidden = false;
  result.focus();
  result.scrollIntoView({ block: "start" });
}

async function look(text) {
  at("trouble").textContent = "";
  let found;
  try {
    found = await check(text, known.keys);
  } catch (error) {
    if (!(error instanceof Unbelievable)) throw error;
    const [title, english, words, more] = FAULTS[error.message];
    return show("late", both("h2", `✕ ${title}`, english), both("p", words, more));
  }
  const mark = unlisted(found.claims);
  const [since] = (list?.as_of ?? "").split("T");
  const rest = [facts(found), ...online(found.claims.number)];
  if (list?.revoked.includes(mark)) return show("late", both("h2", "✕ 已撤销", "Revoked"), both("p", `签名是真的，但它在 ${since} 的名单上：已经撤销。`, `The signature is true, but it is on the list of ${since}: revoked.`), ...rest);
  if (list?.replaced.includes(mark)) return show("soon", both("h2", "已被新证明替代", "Replaced by a new certificate"), both("p", `签名是真的，但它在 ${since} 的名单上：已经换发，请看新证明。`, `The signature is true, but it is on the list of ${since}: ask its holder for the new one.`), ...rest);
  if (found.revoked) return show("soon", both("h2", "公钥后来作废了", "Its key was revoked later"), both("p", "签名对得上，上面写的时间也在作废之前；但拿到这把密钥的人可以随意写时间，离线分不出真假。请联网按编号核对，或请持有人重新打印一张。", "The signature fits, and the time in it is from before; but whoever has the key can write any time, and offline nobody can tell. Check the number online, or ask its holder to print it anew."), ...rest);
  const retired = found.retired ? [both("p", "由一把已停用的公钥在使用期内签名。", "Signed by a retired key while it was in use.")] : [];
  const limit = since ? both("p", `截至 ${since}，它不在换发、撤销名单上；以后的事离线无法知道。`, `As of ${since} it was neither replaced nor revoked; what came later cannot be known offline.`) : both("p", "离线无法知道它是否已被换发或撤销。", "Whether it was replaced or revoked cannot be known offline.");
  return show("ok", both("h2", "✓ 签名是真的", "The signature is true"), both("p", "请和纸上逐项对照：", "Compare with the paper:"), ...retired, limit, ...rest);
}

function about() {
  const [keysAsOf] = known.as_of.split("T");
  at("about").replaceChildren(
    row("签发方", "Issuer", both("span", known.issuer[0] || "–", known.issuer[1])),
    row("公钥截至", "Keys as of", keysAsOf || "–"),
    row("换发、撤销名单截至", "List of replaced and revoked as of", list ? list.as_of.slice(0, 10) : "–"),
    ...known.keys.map((key) => row("公钥", "Key", `${fours(key.kid)} · ${moment(key.begins)} – ${key.ends ? moment(key.ends) : "…"}${key.revoked ? ` · 作废 revoked ${moment(key.revoked)}` : ""}`)),
  );
}

function trouble(chinese, english) {
  at("trouble").replaceChildren(both("span", chinese, english));
}

/** keys.json replaces the keys, status.json the list; the list counts only when one of the keys signed it. */
async function load(file) {
  const said = await file.text().then(JSON.parse).catch(() => null);
  if (Array.isArray(said?.keys) && Array.isArray(said.issuer) && typeof said.as_of === "string") known = { ...known, ...said };
  else if (!said?.statement) return trouble("这个文件不是公钥也不是名单。", "This file is neither keys nor a list.");
  const newer = said.status ?? (said.statement ? said : null);
  const stated = newer && (await statusList(newer, known.keys));
  if (newer && !stated) trouble("这份名单不是用这些公钥签的，没有采用。", "These keys did not sign this list: it is not used.");
  if (stated) list = stated;
  return about();
}

async function start() {
  if (known.status) list = await statusList(known.status, known.keys);
  about();
  at("typed").addEventListener("submit", (event) => {
    event.preventDefault();
    look(at("text").value);
  });
  at("photo").addEventListener("change", async ({ target }) => {
    const text = target.files.length ? await codeIn(target.files[0]) : null;
    if (text) look(text);
    else if (target.files.length) trouble("照片里没有找到二维码。离近一点、放平、别反光，再拍一张。", "No QR code was found in the photo. Go nearer, hold it flat, avoid glare.");
    target.value = "";
  });
  at("known-file").addEventListener("change", async ({ target }) => {
    for (const file of target.files) await load(file);
    target.value = "";
  });
  at("camera").hidden = !canWatch();
  let stop = () => {};
  const watching = (yes) => {
    at("video").hidden = at("stop").hidden = !yes;
    at("watch").hidden = yes;
  };
  at("watch").addEventListener("click", async () => {
    watching(true);
    try {
      stop = await watch(at("video"), (text) => (watching(false), look(text)));
    } catch {
      watching(false);
      trouble("摄像头打不开。请允许使用摄像头，或选一张照片。", "The camera cannot be opened. Allow it, or choose a photo.");
    }
  });
  at("stop").addEventListener("click", () => (stop(), watching(false)));
  if (location.hash.length > 5) look(location.href);
}

start();
