/** data_visualization blocks as small SVG charts, with a legend and a table for screen readers. */

import { h, svg } from "./dom.js";

const WIDTH = 520;
const HEIGHT = 220;
const BOX = { left: 58, right: 10, top: 12, bottom: 34 };
const COLOURS = 6;
const LETTER = 10; // what one of a label takes at most, and what must stay free between two
const GAP = 12;

const colour = (index) => `var(--series-${(index % COLOURS) + 1})`;
const number = (value) => new Intl.NumberFormat().format(value);

export function chart(block) {
  const { chart: data } = block;
  const drawn = data.type === "pie" ? pie(data) : axes(data);
  return h("figure", { class: "chart" }, h("figcaption", {}, block.title), drawn.picture, legend(drawn.legend), asTable(block.title, data));
}

function picture(width, height, children) {
  return svg("svg", { class: "chart-picture", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, children);
}

function legend(entries) {
  return h("ul", { class: "legend", "aria-hidden": "true" }, entries.map((label, index) =>
    h("li", {}, h("span", { class: "swatch", style: { background: colour(index) } }), label)));
}

function asTable(title, data) {
  const rows = data.type === "pie"
    ? data.segments.map(({ label, value }) => [label, value])
    : data.series.flatMap(({ name, data: points }) => points.map(({ label, value }) => [`${name}, ${label}`, value]));
  const cells = ([label, value]) => h("tr", {}, h("th", { scope: "row" }, label), h("td", {}, number(value)));
  return h("div", { class: "sr-only" }, h("table", {}, h("caption", {}, title), h("tbody", {}, rows.map(cells))));
}

function pie(data) {
  const total = data.segments.reduce((sum, { value }) => sum + value, 0);
  let angle = -Math.PI / 2;
  const point = (turn) => `${110 + 95 * Math.cos(turn)} ${110 + 95 * Math.sin(turn)}`;
  const slices = data.segments.map(({ label, value }, index) => {
    const sweep = (value / total) * 2 * Math.PI;
    const from = angle;
    angle += sweep;
    const tip = svg("title", {}, `${label}: ${number(value)}`);
    const fill = { class: "slice", fill: colour(index) };
    if (data.segments.length === 1) return svg("circle", { ...fill, cx: 110, cy: 110, r: 95 }, tip);
    return svg("path", { ...fill, d: `M110 110 L${point(from)} A95 95 0 ${sweep > Math.PI ? 1 : 0} 1 ${point(angle)} Z` }, tip);
  });
  const share = (value) => `${Math.round((value / total) * 100)} %`;
  return { picture: picture(220, 220, slices), legend: data.segments.map(({ label, value }) => `${label} — ${number(value)} (${share(value)})`) };
}

/** The axis from 0 (or below) to a round number above the largest value, in four steps or so. */
function scaleOf(values) {
  const low = Math.min(0, ...values);
  const span = Math.max(...values, 1) - low;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const [bottom, top] = [Math.floor(low / step) * step, Math.ceil((low + span) / step) * step];
  const ticks = [];
  for (let tick = bottom; tick <= top + step / 2; tick += step) ticks.push(Number(tick.toPrecision(12)));
  const height = HEIGHT - BOX.top - BOX.bottom;
  return { ticks, y: (value) => BOX.top + height - ((value - bottom) / (top - bottom)) * height };
}

function axes(data) {
  const { categories, x_label: xLabel, y_label: yLabel } = data.axis_config;
  const values = data.series.flatMap(({ data: points }) => points.map(({ value }) => value));
  const scale = scaleOf(values);
  const slot = (WIDTH - BOX.left - BOX.right) / categories.length;
  const series = data.series.map(({ name, data: points }) => {
    const byLabel = new Map(points.map(({ label, value }) => [label, value]));
    return { name, values: categories.map((label) => byLabel.get(label) ?? 0) };
  });
  const grid = scale.ticks.map((tick) => [
    svg("line", { class: "gridline", x1: BOX.left, x2: WIDTH - BOX.right, y1: scale.y(tick), y2: scale.y(tick) }),
    svg("text", { class: "tick", x: BOX.left - 6, y: scale.y(tick) + 4, "text-anchor": "end" }, number(tick)),
  ]);
  const widest = Math.max(...categories.map((label) => label.length)) * LETTER + GAP;
  const every = Math.ceil(widest / slot);
  const names = categories.map((label, index) => index % every === 0
    && svg("text", { class: "tick", x: BOX.left + slot * (index + 0.5), y: HEIGHT - 10, "text-anchor": "middle" }, label));
  const shapes = series.map((one, index) => (data.type === "bar" ? bars : curve)(one, index, { scale, slot, count: series.length, filled: data.type === "area", categories }));
  const labels = [yLabel && `Upwards: ${yLabel}`, xLabel && `across: ${xLabel}`].filter(Boolean).join(", ");
  const entries = series.map(({ name }) => name);
  const drawn = picture(WIDTH, HEIGHT, [grid, names, shapes]);
  return { picture: labels ? h("div", {}, drawn, h("p", { class: "axis-label" }, labels)) : drawn, legend: entries };
}

function bars({ name, values }, index, { scale, slot, count, categories }) {
  const width = (slot * 0.7) / count;
  return values.map((value, place) => {
    const x = BOX.left + slot * place + slot * 0.15 + width * index;
    const [top, bottom] = [Math.min(scale.y(value), scale.y(0)), Math.max(scale.y(value), scale.y(0))];
    const tip = svg("title", {}, `${name}, ${categories[place]}: ${number(value)}`);
    return svg("rect", { x, y: top, width, height: bottom - top, fill: colour(index), rx: 2 }, tip);
  });
}

function curve({ name, values }, index, { scale, slot, filled, categories }) {
  const points = values.map((value, place) => [BOX.left + slot * (place + 0.5), scale.y(value)]);
  const path = points.map(([x, y], place) => `${place ? "L" : "M"}${x} ${y}`).join(" ");
  const floor = scale.y(0);
  const area = filled && svg("path", { class: "area", d: `${path} L${points.at(-1)[0]} ${floor} L${points[0][0]} ${floor} Z`, fill: colour(index) });
  const dots = points.map(([cx, cy], place) =>
    svg("circle", { cx, cy, r: 3, fill: colour(index) }, svg("title", {}, `${name}, ${categories[place]}: ${number(values[place])}`)));
  return [area, svg("path", { class: "curve", d: path, stroke: colour(index) }), dots];
}
