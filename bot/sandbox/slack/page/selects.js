/** Every kind of select: a button that opens a searchable list, single or multiple. */

import { popover } from "./dialogs.js";
import { h, icon, spinner } from "./dom.js";
import { textNodes, words } from "./mrkdwn.js";
import { sourceFor } from "./options.js";

export const SELECTS = new Set(
  ["static", "external", "users", "conversations", "channels"].flatMap((kind) => [`${kind}_select`, `multi_${kind}_select`]),
);

const TYPING_PAUSE = 200;
const FEW = 6; // a list this short needs no search box

let ids = 0;

/** `startValue` and `takeValue` say where values come from and go to (elements.js). */
export function selectElement(element, place, { startValue, takeValue }) {
  const many = element.type.startsWith("multi_");
  const source = sourceFor(element, place);
  const start = startValue(element, place, many ? source.initial.map((option) => option.value) : (source.initial[0]?.value ?? null));
  const known = new Map(source.initial.map((option) => [option.value, option]));
  const chosen = new Set(many ? start : start === null ? [] : [start]);
  const face = h("span", { class: "select-face" });
  const node = h(
    "button",
    { type: "button", class: "select", "aria-haspopup": "listbox", "aria-expanded": "false", data: { actionId: element.action_id } },
    face, spinner(), icon("chevron"),
  );
  const show = () => {
    const texts = [...chosen].map((value) => labelOf(known.get(value), value));
    face.textContent = texts.join(", ") || words(element.placeholder) || (many ? "Choose some" : "Choose one");
    face.classList.toggle("is-placeholder", texts.length === 0);
  };
  const pick = (option) => {
    known.set(option.value, option);
    if (!many) chosen.clear();
    if (many && chosen.has(option.value)) chosen.delete(option.value);
    else if (chosen.size < (element.max_selected_items ?? Infinity)) chosen.add(option.value);
    show();
    if (!many || place.input) takeValue(element, place, many ? [...chosen] : option.value, node);
  };
  const finish = () => {
    if (many && !place.input) takeValue(element, place, [...chosen], node);
  };
  node.addEventListener("click", () => openList(node, { element, source, chosen, many, pick, finish }));
  show();
  return node;
}

const labelOf = (option, value) => (option ? words(option.text) : value);

function openList(node, { element, source, chosen, many, pick, finish }) {
  const before = JSON.stringify([...chosen]);
  const onClose = () => JSON.stringify([...chosen]) !== before && finish();
  const list = new OptionList({
    source, chosen, many, label: words(element.placeholder) || "Options",
    onPick: (option) => {
      pick(option);
      if (many) list.mark();
      else pop.close();
    },
    onDone: () => pop.close(),
  });
  const pop = popover(node, list.node, { onClose, label: list.label, wide: true });
  list.begin();
}

/** The open list: search box, options, and one active option that the arrow keys move. */
class OptionList {
  constructor({ source, chosen, many, label, onPick, onDone }) {
    Object.assign(this, { source, chosen, many, label, onPick });
    this.id = `options-${(ids += 1)}`;
    this.asked = 0;
    this.active = -1;
    this.rows = [];
    this.list = h("div", { role: "listbox", id: this.id, class: "options", "aria-label": label, "aria-multiselectable": many ? "true" : null, tabindex: "-1" });
    this.note = h("div", { class: "options-note", role: "status" });
    this.search = h("input", {
      class: "field options-search", type: "text", role: "combobox", "aria-controls": this.id, "aria-expanded": "true", "aria-autocomplete": "list",
      "aria-label": `Search: ${label}`, placeholder: "Type to search", autocomplete: "off", spellcheck: "false",
      on: { input: () => this.later() },
    });
    this.searching = source.remote || source.size > FEW;
    const done = many && h("button", { type: "button", class: "button primary options-done", on: { click: onDone } }, "Done");
    this.node = h("div", { class: "option-list", on: { keydown: (event) => this.key(event) } }, this.searching && this.search, this.note, this.list, done);
  }

  begin() {
    (this.searching ? this.search : this.list).focus();
    this.find("");
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(this.search.value.trim()), this.source.remote ? TYPING_PAUSE : 0);
  }

  async find(query) {
    const turn = (this.asked += 1);
    const short = this.source.least - query.length;
    if (short > 0) return this.say(`Type ${short} more character${short === 1 ? "" : "s"} to search.`);
    if (this.source.remote) this.say("Searching…", true);
    const found = await this.source.find(query);
    if (turn !== this.asked) return undefined;
    if (found.error) return this.say(found.error);
    return this.fill(found.groups);
  }

  say(text, busy = false) {
    if (!busy) this.list.replaceChildren();
    if (!busy) this.rows = [];
    this.note.replaceChildren(...(busy ? [spinner()] : []), text);
    this.note.hidden = false;
    this.node.classList.toggle("is-loading", busy);
  }

  fill(groups) {
    this.node.classList.remove("is-loading");
    this.rows = [];
    this.active = -1;
    const sections = groups.map(({ label, options }) => {
      const rows = options.map((option) => this.row(option));
      return label ? h("div", { role: "group", "aria-label": words(label) }, h("div", { class: "options-group" }, textNodes(label)), rows) : rows;
    });
    this.list.replaceChildren(...sections.flat());
    this.note.hidden = this.rows.length > 0;
    if (!this.rows.length) this.note.textContent = "No results";
    this.mark();
    this.move(Math.max(0, this.rows.findIndex(({ option }) => this.chosen.has(option.value))));
  }

  row(option) {
    const place = this.rows.length;
    const node = h(
      "div",
      { role: "option", class: "option", id: `${this.id}-${place}`, on: { click: () => this.onPick(option), pointermove: () => this.move(place) } },
      h("span", { class: "option-text" }, textNodes(option.text), option.description && h("small", {}, textNodes(option.description))),
      icon("check"),
    );
    this.rows.push({ option, node });
    return node;
  }

  mark() {
    for (const { option, node } of this.rows) node.setAttribute("aria-selected", String(this.chosen.has(option.value)));
  }

  move(to) {
    if (to === this.active) return;
    this.rows[this.active]?.node.classList.remove("is-active");
    this.active = this.rows.length ? (to + this.rows.length) % this.rows.length : -1;
    const row = this.rows[this.active];
    row?.node.classList.add("is-active");
    row?.node.scrollIntoView({ block: "nearest" });
    (this.searching ? this.search : this.list).setAttribute("aria-activedescendant", row?.node.id ?? "");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.move(this.active + step);
    } else if (event.key === "Enter" && this.rows[this.active] && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      this.onPick(this.rows[this.active].option);
    }
  }
}
