// Draws one chart as SVG: options as JSON on standard input, the picture on standard output. Used by benchmarks/_chart.py.
import { readFileSync } from "node:fs";
import * as echarts from "echarts";

const { width, height, option } = JSON.parse(readFileSync(0, "utf8"));
const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
chart.setOption(option);
process.stdout.write(chart.renderToSVGString());
chart.dispose();
