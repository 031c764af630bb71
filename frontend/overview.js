// Charts of the overview, drawn from the tables that stand below them: the same numbers, and nothing that only a chart knows.
import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, AriaComponent, GridComponent, LegendComponent, SVGRenderer]);

const COLOURS = { met: "--pine", open: "--info", late: "--amber-bar", unmet: "--danger", middle: "--info", ninety: "--amber-bar" };
const SYMBOLS = { met: "rect", open: "circle", late: "triangle", unmet: "diamond", middle: "rect", ninety: "triangle" };
const PATTERNS = {
  met: { symbol: "none" },
  middle: { symbol: "none" },
  open: { symbol: "circle", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: 0.7 },
  late: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -Math.PI / 4 },
  ninety: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -Math.PI / 4 },
  unmet: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
};
const MOST = 16; // rows of one chart; the table has them all
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Names and series as they stand in a table: columns whose head has data-series. */
function read(table) {
  const heads = [...table.tHead.rows[0].cells];
  const columns = heads.flatMap((head, index) => (head.dataset.series ? [{ index, key: head.dataset.series, name: head.textContent.trim() }] : []));
  const valueOf = (cell) => Number(cell.dataset.value ?? cell.textContent.replace(/[^\d.]/g, "")) || 0;
  const rows = [...table.tBodies[0].rows].map((row) => ({
    name: row.cells[0].textContent.trim(),
    values: columns.map(({ index }) => valueOf(row.cells[index])),
  }));
  const full = rows.filter((row) => row.values.some(Boolean));
  return { columns, rows: full.slice(0, MOST) };
}

function optionOf(box, { columns, rows }) {
  const ink = token("--ink");
  const quiet = token("--muted");
  const text = { color: ink, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
  const stacked = !box.dataset.unit;
  const narrow = box.clientWidth < 520;
  return {
    animation: !still.matches,
    aria: { enabled: true, label: { description: `${box.dataset.label}. ${rows.map((row) => `${row.name}: ${columns.map((column, at) => `${column.name} ${row.values[at]}`).join(", ")}`).join("; ")}` }, decal: { show: true, decals: columns.map(({ key }) => ({ color: token("--surface"), ...PATTERNS[key] })) } },
    color: columns.map(({ key }) => token(COLOURS[key])),
    textStyle: text,
    grid: { left: 4, right: 36, top: narrow && columns.length > 3 ? 58 : 34, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemGap: 16, textStyle: text, selectedMode: false, data: columns.map(({ key, name }) => ({ name, icon: SYMBOLS[key] })) },
    xAxis: { type: "value", minInterval: stacked ? 1 : 0, axisLabel: { color: quiet }, splitLine: { lineStyle: { color: token("--line") } } },
    yAxis: { type: "category", inverse: true, data: rows.map((row) => row.name), axisLabel: { color: ink, width: narrow ? 96 : 200, overflow: "truncate" }, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line-strong") } } },
    series: columns.map(({ name }, at) => ({
      name,
      type: "bar",
      stack: stacked ? "all" : undefined,
      barMaxWidth: 18,
      data: rows.map((row) => row.values[at]),
      emphasis: { disabled: true },
      label: { show: !stacked, position: "right", color: ink, formatter: ({ value }) => (value ? `${value}` : "") },
    })),
  };
}

function draw(box) {
  const table = document.getElementById(box.dataset.chart);
  const found = table && read(table);
  if (!found?.rows.length) return;
  box.hidden = false;
  const canvas = box.querySelector(".chart-canvas");
  canvas.style.height = `${found.rows.length * (box.dataset.unit ? 52 : 30) + 96}px`;
  const chart = init(canvas, null, { renderer: "svg" });
  const render = () => chart.setOption(optionOf(box, found), true);
  render();
  canvas.setAttribute("role", "img");
  new ResizeObserver(() => {
    chart.resize();
    render();
  }).observe(box);
  dark.addEventListener("change", render);
}

document.querySelectorAll("[data-chart]").forEach(draw);
