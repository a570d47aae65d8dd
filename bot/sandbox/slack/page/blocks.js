/** Layout blocks. A `place` {surface, form} says where the blocks stand; every block gives one node. */

import { chart } from "./charts.js";
import { h, icon, safeUrl } from "./dom.js";
import { picture, renderElement } from "./elements.js";
import { markdown } from "./markdown.js";
import { mrkdwn, textNodes, words } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";

const rich = (object, className = "rich") => h("div", { class: className }, textNodes(object));
const at = (block, place, extra = {}) => ({ ...place, ...extra, blockId: block.block_id });

function section(block, place) {
  const fields = block.fields && h("div", { class: "fields" }, block.fields.map((text) => rich(text)));
  const main = h("div", { class: "section-main" }, block.text && rich(block.text), fields);
  const accessory = block.accessory && h("div", { class: "section-accessory" }, renderElement(block.accessory, at(block, place)));
  return h("div", { class: accessory ? `section with-${block.accessory.type === "image" ? "image" : "accessory"}` : "section" }, main, accessory);
}

function header(block) {
  const level = Math.min(Math.max(Number(block.level ?? 2), 1), 4);
  return h("div", { class: `header level-${level}`, role: "heading", "aria-level": String(level + 1) }, textNodes(block.text));
}

function context(block) {
  return h("div", { class: "context" }, block.elements.map((element) =>
    element.type === "image" ? picture(element, "context-image") : h("span", { class: "rich" }, textNodes(element))));
}

function actions(block, place) {
  return h("div", { class: "button-row" }, block.elements.map((element) => renderElement(element, at(block, place))));
}

function image(block) {
  return h("figure", { class: "image" }, block.title && h("figcaption", {}, textNodes(block.title)), picture({ ...block, image_url: block.image_url ?? block.slack_file?.url }, "image-picture"));
}

let inputs = 0;

function input(block, place) {
  const id = `input-${(inputs += 1)}`;
  const control = renderElement(block.element, at(block, place, { input: true, dispatch: block.dispatch_action }));
  const grouped = ["group", "radiogroup"].includes(control.getAttribute("role"));
  const error = place.form?.errors[block.block_id];
  control.id = id;
  control.setAttribute("aria-describedby", `${id}-hint ${id}-error`);
  control.setAttribute("aria-labelledby", control.tagName === "BUTTON" ? `${id}-label ${id}` : `${id}-label`);
  if (error) control.setAttribute("aria-invalid", "true");
  if (!block.optional) control.setAttribute("aria-required", "true");
  if (control.tagName === "BUTTON") control.removeAttribute("aria-required");
  return h(
    "div",
    { class: error ? "input has-error" : "input", data: { input: block.block_id } },
    h(grouped ? "div" : "label", { class: "input-label", id: `${id}-label`, for: grouped ? null : id }, textNodes(block.label), block.optional && h("span", { class: "optional" }, " (optional)")),
    control,
    block.hint && h("div", { class: "input-hint", id: `${id}-hint` }, textNodes(block.hint)),
    h("div", { class: "input-error", id: `${id}-error`, role: error ? "alert" : null }, error ?? ""),
  );
}

const ALERTS = { info: "Note", warning: "Warning", error: "Error", success: "Done" };

function alert(block) {
  const level = block.level in ALERTS ? block.level : "default";
  return h("div", { class: `alert ${level}`, role: "note" }, ALERTS[level] && h("strong", { class: "alert-level" }, ALERTS[level]), rich(block.text));
}

function card(block, place) {
  const titles = h("div", { class: "card-titles" }, block.title && rich(block.title, "rich card-title"), block.subtitle && rich(block.subtitle, "rich card-subtitle"));
  return h(
    "div",
    { class: "card" },
    block.hero_image && picture(block.hero_image, "card-hero"),
    h("div", { class: "card-head" }, block.icon && picture(block.icon, "context-image"), titles),
    block.body && rich(block.body),
    block.actions && h("div", { class: "button-row" }, block.actions.map((element) => renderElement(element, at(block, place)))),
  );
}

function carousel(block, place) {
  return h("div", { class: "carousel", role: "group", "aria-label": "Cards", tabindex: "0" }, block.elements.map((one) => card({ ...one, block_id: one.block_id ?? block.block_id }, place)));
}

function container(block, place) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : h("strong", {}, textNodes(block.title));
  const head = [block.icon && picture(block.icon, "context-image"), h("div", {}, title, block.subtitle && rich(block.subtitle, "rich card-subtitle"))];
  const body = h("div", { class: "blocks" }, block.child_blocks.map((child) => renderBlock(child, place)));
  if (!block.is_collapsible) return h("div", { class: block.has_header_divider ? "container ruled" : "container" }, h("div", { class: "card-head" }, head), body);
  return h("details", { class: "container", open: !block.default_collapsed }, h("summary", { class: "card-head" }, icon("chevron"), head), body);
}

const STATUSES = { pending: "To do", in_progress: "Under way", complete: "Done", error: "Failed" };

function taskCard(block) {
  const link = (source) => h("a", { href: safeUrl(source.url), target: "_blank", rel: "noopener noreferrer" }, source.text);
  return h(
    "div",
    { class: "card task" },
    h("div", { class: "card-head" }, h("strong", {}, block.title), h("span", { class: `task-status ${block.status}` }, STATUSES[block.status] ?? block.status)),
    block.details && richText(block.details),
    block.output && richText(block.output),
    block.sources && h("div", { class: "button-row" }, block.sources.map(link)),
  );
}

const plan = (block) => h("div", { class: "container" }, h("strong", {}, block.title), (block.tasks ?? []).map(taskCard));

function authProvider(block, place) {
  const url = safeUrl(block.is_connected ? block.disconnect_url : block.auth_url);
  const action = { type: "button", action_id: `auth_provider_connect_${block.value}`, url, text: { type: "plain_text", text: block.is_connected ? "Disconnect" : "Connect" } };
  const detail = block.is_connected ? block.connected_identity : block.description;
  return h("div", { class: "card" }, h("div", { class: "section with-accessory" },
    h("div", { class: "section-main" }, h("strong", {}, textNodes(block.name)), rich(detail)),
    h("div", { class: "section-accessory" }, renderElement(action, at(block, place)))));
}

function unknown(block) {
  return h("div", { class: "unknown" }, `Block “${block.type}” is not shown here`);
}

const RENDERERS = {
  section, header, context, actions, image, input, alert, card, carousel, container, plan,
  divider: () => h("hr"),
  context_actions: actions,
  rich_text: (block) => richText(block),
  markdown: (block) => h("div", { class: "rich markdown" }, markdown(block.text)),
  table: (block) => table(block),
  data_table: (block, place) => dataTable(block, (element) => renderElement(element, at(block, place))),
  data_visualization: (block) => chart(block),
  task_card: taskCard,
  auth_provider: authProvider,
};

/** One block; a broken one is shown as unknown instead of taking the page down. */
export function renderBlock(block, place) {
  try {
    return (RENDERERS[block.type] ?? unknown)(block, place);
  } catch (error) {
    console.error("block could not be drawn", block.type, error);
    return unknown(block);
  }
}

/** A list of blocks; without any, the fallback text. */
export function renderBlocks(blocks, place, text = "") {
  if (!blocks?.length) return h("div", { class: "rich" }, mrkdwn(text));
  return h("div", { class: "blocks" }, blocks.map((block) => renderBlock(block, place)));
}

/** What a screen reader is told of a message. */
export function spoken(message) {
  return words({ type: "mrkdwn", text: message.text || "sent a message" });
}
