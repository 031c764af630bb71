// The few words that scripts say by themselves, in both languages.
const ALL = {
  zh: {
    next: "下一步",
    back: "上一步",
    change: "改一改",
    colon: "：",
    step: (n, of) => `第 ${n} 步，共 ${of} 步`,
    missing: "这里还没填",
    minutes: "分",
    hours: "时",
    days: "天",
    zoomIn: "放大地图",
    zoomOut: "缩小地图",
    orders: (n) => `这里有 ${n} 单`,
    help: "键盘快捷键",
    close: "关闭",
    metres: (m) => (m < 1000 ? `${Math.round(m / 10) * 10} 米` : `${(m / 1000).toFixed(1)} 公里`),
    lost: "连不上网络，正在重试…",
  },
  en: {
    next: "Next",
    back: "Back",
    change: "Change",
    colon: ": ",
    step: (n, of) => `Step ${n} of ${of}`,
    missing: "Please fill this in",
    minutes: " min",
    hours: " h",
    days: " d",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    orders: (n) => `${n} orders here`,
    help: "Keyboard shortcuts",
    close: "Close",
    metres: (m) => (m < 1000 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(1)} km`),
    lost: "No connection, trying again…",
  },
};

export const words = ALL[document.documentElement.lang === "en" ? "en" : "zh"];

/** The icon as pages draw it, from the same sprite. */
export function icon(name, size = 20) {
  const sprite = document.querySelector("svg.icon > use")?.getAttribute("href")?.split("#")[0];
  return sprite ? `<svg class="icon" width="${size}" height="${size}" aria-hidden="true"><use href="${sprite}#${name}"/></svg>` : "";
}
