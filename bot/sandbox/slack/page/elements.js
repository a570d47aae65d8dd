/** Interactive Block Kit elements. A place `{surface, blockId, form, input, dispatch}` says where an element stands. */

import { act, isBusy } from "./actions.js";
import { popover } from "./dialogs.js";
import { h, icon, safeUrl } from "./dom.js";
import { plainNodes, textNodes, words } from "./mrkdwn.js";
import { SELECTS, selectElement } from "./selects.js";
import { state } from "./store.js";

const target = (element, place) => ({ surface: place.surface, block_id: place.blockId, action_id: element.action_id });

/** The value an element starts with: what was filled in before, else its initial one. */
export function startValue(element, place, initial) {
  return place.form ? place.form.read(place.blockId, element.action_id, initial) : initial;
}

/** Take a new value: keep it in the form, and tell the app unless it waits for Submit. */
export function takeValue(element, place, value, node) {
  place.form?.write(place.blockId, element.action_id, value);
  if (place.input && !place.dispatch) return undefined;
  return act(target(element, place), value, { confirm: element.confirm, onBusy: (busy) => showBusy(node, busy) });
}

export function showBusy(node, busy) {
  node.classList.toggle("is-busy", busy);
  if (busy) node.setAttribute("aria-busy", "true");
  else node.removeAttribute("aria-busy");
}

function button(element, place) {
  const url = element.url ? safeUrl(element.url) : null;
  const props = {
    class: `button ${["primary", "danger"].includes(element.style) ? element.style : ""}`,
    "aria-label": element.accessibility_label,
    data: { actionId: element.action_id ?? "" },
  };
  const face = [h("span", { class: "button-face" }, textNodes(element.text)), h("span", { class: "spinner", "aria-hidden": "true" })];
  const node = url
    ? h("a", { ...props, href: url, target: "_blank", rel: "noopener noreferrer" }, face)
    : h("button", { ...props, type: "button", disabled: element.disabled === true }, face);
  if (isBusy(target(element, place))) showBusy(node, true);
  node.addEventListener("click", (event) => {
    if (url && element.confirm) event.preventDefault();
    const openLater = () => url && element.confirm && window.open(url, "_blank", "noopener");
    act(target(element, place), null, { confirm: element.confirm, onConfirmed: openLater, onBusy: (busy) => showBusy(node, busy) });
  });
  return node;
}

function overflow(element, place) {
  const node = h(
    "button",
    { type: "button", class: "button overflow", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": "More actions", title: "More actions" },
    icon("dots"),
  );
  node.addEventListener("click", () => {
    const pop = popover(node, menu(element, place, node, () => pop.close()), { label: "More actions" });
    pop.box.querySelector("[role=menuitem]")?.focus();
  });
  return node;
}

function menu(element, place, node, close) {
  const items = element.options.map((option) => {
    const face = [h("span", {}, textNodes(option.text)), option.description && h("small", {}, textNodes(option.description))];
    const url = option.url && safeUrl(option.url);
    const choose = () => {
      close();
      act(target(element, place), option.value, { confirm: element.confirm, onBusy: (busy) => showBusy(node, busy) });
    };
    const props = { role: "menuitem", class: "menu-item", tabindex: "-1", on: { click: choose } };
    return url
      ? h("a", { ...props, href: url, target: "_blank", rel: "noopener noreferrer" }, face)
      : h("button", { ...props, type: "button" }, face);
  });
  return h("div", { role: "menu", class: "menu", on: { keydown: (event) => walk(event, items) } }, items);
}

function walk(event, items) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
}

let groups = 0;

function choices(element, place, kind) {
  const many = kind === "checkbox";
  const initial = many ? (element.initial_options ?? []).map((option) => option.value) : (element.initial_option?.value ?? null);
  const start = startValue(element, place, initial);
  const name = `choice-${(groups += 1)}`;
  const node = h("div", { class: "choices", role: many ? "group" : "radiogroup" });
  const boxes = element.options.map((option) => {
    const checked = many ? start.includes(option.value) : start === option.value;
    const box = h("input", { type: kind, name, value: option.value, checked });
    box.addEventListener("change", () => {
      const chosen = boxes.filter((one) => one.checked).map((one) => one.value);
      takeValue(element, place, many ? chosen : chosen[0], node);
    });
    node.append(h("label", { class: "choice" }, box, h("span", {}, textNodes(option.text), option.description && h("small", {}, textNodes(option.description)))));
    return box;
  });
  return node;
}

const INPUTS = {
  datepicker: { type: "date", initial: "initial_date", label: "Date" },
  timepicker: { type: "time", initial: "initial_time", label: "Time" },
  datetimepicker: { type: "datetime-local", initial: "initial_date_time", label: "Date and time" },
  plain_text_input: { type: "text", initial: "initial_value", typed: true },
  email_text_input: { type: "email", initial: "initial_value", typed: true },
  url_text_input: { type: "url", initial: "initial_value", typed: true },
  number_input: { type: "text", initial: "initial_value", typed: true, mode: "decimal" },
};

function field(element, place) {
  const kind = INPUTS[element.type];
  const moment = kind.type === "datetime-local";
  const start = startValue(element, place, element[kind.initial] ?? null);
  const node = h(element.multiline ? "textarea" : "input", {
    class: "field",
    type: element.multiline ? null : kind.type,
    rows: element.multiline ? 4 : null,
    inputmode: kind.mode,
    placeholder: element.placeholder ? words(element.placeholder) : null,
    maxlength: element.max_length,
    "aria-label": place.input ? null : element.placeholder ? words(element.placeholder) : kind.label,
    value: moment ? localMoment(start) : (start ?? ""),
  });
  const read = () => (moment ? epoch(node.value) : node.value || null);
  node.addEventListener("input", () => place.form?.write(place.blockId, element.action_id, read()));
  if (!kind.typed) node.addEventListener("change", () => takeValue(element, place, read(), node));
  else if (!place.input || place.dispatch) node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || element.multiline) return;
    event.preventDefault();
    takeValue(element, place, read(), node);
  });
  return node;
}

const epoch = (text) => (text ? Math.floor(new Date(text).getTime() / 1000) : null);

function localMoment(seconds) {
  if (!seconds) return "";
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** A small picture beside text. */
export function picture(element, className) {
  const url = safeUrl(element.image_url ?? "");
  return url
    ? h("img", { class: className, src: url, alt: element.alt_text ?? "", loading: "lazy", referrerpolicy: "no-referrer" })
    : h("span", { class: "unknown" }, element.alt_text ?? "image");
}

function feedback(element, place) {
  const one = (face) => button({ ...element, text: face.text, accessibility_label: face.accessibility_label }, place);
  return h("div", { class: "button-row" }, one(element.positive_button), one(element.negative_button));
}

const RENDERERS = {
  button,
  workflow_button: button,
  icon_button: button,
  overflow,
  feedback_buttons: feedback,
  checkboxes: (element, place) => choices(element, place, "checkbox"),
  radio_buttons: (element, place) => choices(element, place, "radio"),
  image: (element) => picture(element, "accessory-image"),
};

/** Any element; what this page does not know is shown as a box with its type. */
export function renderElement(element, place) {
  if (element.visible_to_user_ids?.length && !element.visible_to_user_ids.includes(state.me.id)) return null;
  if (element.type in RENDERERS) return RENDERERS[element.type](element, place);
  if (element.type in INPUTS) return field(element, place);
  if (SELECTS.has(element.type)) return selectElement(element, place, { startValue, takeValue });
  return h("span", { class: "unknown" }, plainNodes(`Element “${element.type}”`));
}
