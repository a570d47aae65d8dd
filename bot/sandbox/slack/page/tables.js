/** table and data_table blocks; both scroll sideways inside themselves. */

import { h } from "./dom.js";
import { richText } from "./richtext.js";

function cellNodes(cell, renderAction) {
  if (cell.type === "rich_text") return richText(cell);
  const element = cell.element ?? cell.button ?? cell.action;
  if (element && renderAction) return renderAction(element);
  return String(cell.text?.text ?? cell.text ?? cell.value ?? "");
}

const isNumber = (cell) => cell.type === "raw_number";

function scroller(label, content) {
  return h("div", { class: "table-scroll", role: "region", "aria-label": label, tabindex: "0" }, content);
}

export function table(block) {
  const [head, ...rows] = block.rows;
  const cell = (tag, one, column, scope, like = one) => {
    const settings = block.column_settings?.[column] ?? {};
    const align = settings.align ?? (isNumber(like) ? "right" : "left");
    return h(tag, { scope, class: settings.is_wrapped ? "wrapped" : null, style: { "text-align": align } }, cellNodes(one));
  };
  const body = rows.map((row) => h("tr", {}, row.map((one, column) => cell("td", one, column))));
  return scroller("Table", h("table", {}, h("thead", {}, h("tr", {}, head.map((one, column) => cell("th", one, column, "col", rows[0]?.[column])))), h("tbody", {}, body)));
}

const PAGE_SIZE = 5;

/** `renderAction` draws the button of an action cell. */
export function dataTable(block, renderAction) {
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? PAGE_SIZE;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const rowHeader = block.row_header_column_index ?? 0;
  const body = h("tbody");
  const where = h("span", { class: "table-where", role: "status" });
  let page = 0;
  const turn = (step) => h("button", { type: "button", class: "button", on: { click: () => show(page + step) } }, step < 0 ? "Previous" : "Next");
  const [back, next] = [turn(-1), turn(1)];
  const line = (row) => h("tr", {}, row.map((one, column) => {
    const props = { style: { "text-align": isNumber(one) ? "right" : "left" } };
    return column === rowHeader ? h("th", { ...props, scope: "row" }, cellNodes(one, renderAction)) : h("td", props, cellNodes(one, renderAction));
  }));
  function show(to) {
    page = Math.min(Math.max(to, 0), pages - 1);
    body.replaceChildren(...rows.slice(page * size, page * size + size).map(line));
    where.textContent = `${page * size + 1}–${Math.min(rows.length, (page + 1) * size)} of ${rows.length}`;
    back.disabled = page === 0;
    next.disabled = page === pages - 1;
  }
  show(0);
  const heads = head.map((one, column) => h("th", { scope: "col", style: { "text-align": isNumber(rows[0]?.[column] ?? {}) ? "right" : "left" } }, cellNodes(one)));
  const grid = h("table", {}, h("caption", {}, block.caption), h("thead", {}, h("tr", {}, heads)), body);
  return h("div", {}, scroller(block.caption, grid), pages > 1 && h("div", { class: "table-pager" }, back, where, next));
}
