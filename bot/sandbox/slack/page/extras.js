/** What hangs below a message's blocks: older attachments and files. */

import { renderBlocks } from "./blocks.js";
import { h, icon, safeUrl } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

function attachment(one, place) {
  const colour = /^#[0-9a-f]{6}$/i.test(one.color ?? "") ? { "border-left-color": one.color } : {};
  const title = one.title && h("div", {}, h("strong", {}, one.title));
  return h("div", { class: "attachment", style: colour }, title, renderBlocks(one.blocks, place, one.text ?? one.fallback ?? ""));
}

function file(one) {
  const name = one.title || one.name || "File";
  const url = safeUrl(one.permalink ?? one.url_private ?? "");
  const face = [icon("file"), h("span", {}, name)];
  return h("div", {}, one.permalink || one.url_private
    ? h("a", { class: "file", href: url, target: "_blank", rel: "noopener noreferrer" }, face)
    : h("span", { class: "file" }, face));
}

export function extras(message, place) {
  const reply = message.thread_ts && message.thread_ts !== message.ts && h("div", { class: "edited" }, "Reply in a thread");
  return [(message.attachments ?? []).map((one) => attachment(one, place)), (message.files ?? []).map(file), reply];
}
