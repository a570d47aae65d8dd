/** rich_text blocks and cells. */

import { dateNode } from "./dates.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelMention, link, mention, userMention } from "./mrkdwn.js";

const WRAPPERS = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

function styled(node, style = {}) {
  return Object.entries(WRAPPERS).reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}

const INLINE = {
  text: (part) => part.text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line])),
  link: (part) => link(part.url, part.text ?? part.url),
  user: (part) => userMention(part.user_id),
  channel: (part) => channelMention(part.channel_id),
  usergroup: (part) => mention(`@${part.usergroup_id}`),
  team: (part) => mention(part.team_id),
  broadcast: (part) => mention(`@${part.range}`, { loud: true }),
  emoji: (part) => emoji(part.name) ?? `:${part.name}:`,
  date: (part) => dateNode(part.timestamp, part.format, { url: part.url, fallback: part.fallback }),
  color: (part) => h("code", {}, part.value),
};

function inlineParts(parts) {
  return parts.map((part) => {
    const nodes = INLINE[part.type]?.(part) ?? [`[${part.type}]`];
    return styled(h("span", {}, nodes), part.style);
  });
}

function list(element) {
  const items = element.elements.map((item) => h("li", {}, inlineParts(item.elements)));
  const props = { style: { "--depth": String(element.indent ?? 0) }, start: element.offset ? element.offset + 1 : null };
  return h(element.style === "ordered" ? "ol" : "ul", props, items);
}

const OUTER = {
  rich_text_section: (element) => h("div", {}, inlineParts(element.elements)),
  rich_text_quote: (element) => h("blockquote", {}, inlineParts(element.elements)),
  rich_text_preformatted: (element) => h("pre", {}, inlineParts(element.elements)),
  rich_text_list: list,
};

export function richText(block) {
  return h("div", { class: "rich" }, block.elements.map((element) => OUTER[element.type]?.(element) ?? h("div", { class: "unknown" }, element.type)));
}
