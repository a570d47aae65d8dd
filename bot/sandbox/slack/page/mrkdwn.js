/** Slack's mrkdwn as DOM nodes. The text arrives escaped (&amp; &lt; &gt;) and leaves as text nodes only. */

import { dateNode } from "./dates.js";
import { h, safeUrl } from "./dom.js";
import { emoji } from "./emoji.js";
import { findChannel, handle, state } from "./store.js";

const STYLES = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

export function decode(text) {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}

/** A text object, plain or mrkdwn, as nodes. */
export function textNodes(object) {
  if (!object) return [];
  if (typeof object === "string") return plainNodes(object);
  return object.type === "mrkdwn" ? mrkdwn(object.text, { verbatim: object.verbatim }) : plainNodes(object.text);
}

/** Plain text: nothing but emoji shortcodes and line breaks. */
export function plainNodes(text) {
  const shown = String(text ?? "").replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole);
  return lines(shown, (line) => [line]);
}

/** The words of a text object, for labels that only take a string. */
export function words(object) {
  return h("span", {}, textNodes(object)).textContent;
}

/** Text with Slack's markup as nodes, block level included. */
export function mrkdwn(text, { verbatim = false } = {}) {
  const parts = String(text ?? "").split(/```([\s\S]*?)```/g);
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) return [h("pre", {}, decode(stripTokens(part.replace(/^\n|\n$/g, ""))))];
    const trimmed = index > 0 ? part.replace(/^\n/, "") : part;
    return trimmed ? quotes(trimmed, { verbatim }) : [];
  });
}

function quotes(text, options) {
  const nodes = [];
  let run = [];
  let quoting = false;
  const flush = () => {
    if (!run.length) return;
    const content = paragraphs(run, options);
    nodes.push(...(quoting ? [h("blockquote", {}, content)] : content));
    run = [];
  };
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    if (Boolean(quoted) !== quoting) flush();
    quoting = Boolean(quoted);
    run.push(quoted ? line.slice(quoted[0].length) : line);
  }
  flush();
  return nodes;
}

/** Lines; a bulleted line keeps its hanging indent. */
function paragraphs(run, options) {
  const nodes = [];
  let bulletBefore = false;
  run.forEach((line, index) => {
    const bullet = /^(\s*)([•◦▪-]) +(.*)$/.exec(line);
    if (index > 0 && !bullet && !bulletBefore) nodes.push(h("br"));
    if (bullet) {
      const mark = bullet[2] === "-" ? "•" : bullet[2];
      const depth = String(Math.min(bullet[1].length, 8));
      nodes.push(h("span", { class: "bullet", style: { "--depth": depth } }, h("span", { class: "bullet-mark" }, mark), h("span", {}, inline(bullet[3], options))));
    } else {
      nodes.push(...inline(line, options));
    }
    bulletBefore = Boolean(bullet);
  });
  return nodes;
}

function lines(text, render) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), ...render(line)] : render(line)));
}

/** One line of inline markup. */
export function inline(text, options = {}) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(...leaf(plain, options));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = span(text, at, options);
    if (found) {
      flush();
      nodes.push(...found.nodes);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

/** The markup that starts exactly at `at`, or null. */
function span(text, at, options) {
  const mark = text[at];
  if (mark === "<") {
    const end = text.indexOf(">", at);
    const node = end > at + 1 ? token(text.slice(at + 1, end)) : null;
    return node && { nodes: [node], end: end + 1 };
  }
  if (mark === "`") {
    const end = text.indexOf("`", at + 1);
    return end > at + 1 ? { nodes: [h("code", {}, decode(stripTokens(text.slice(at + 1, end))))], end: end + 1 } : null;
  }
  if (!(mark in STYLES) || WORD.test(text[at - 1] ?? "")) return null;
  const end = closing(text, at, mark);
  if (end < 0) return null;
  return { nodes: [h(STYLES[mark], {}, inline(text.slice(at + 1, end), options))], end: end + 1 };
}

/** Where the style opened at `at` closes: not after a space, not before a letter, not inside a token or code. */
function closing(text, at, mark) {
  if (/[\s]/.test(text[at + 1] ?? " ") || text[at + 1] === mark) return -1;
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === "<" && text.indexOf(">", end) > 0) end = text.indexOf(">", end);
    else if (text[end] === "`" && text.indexOf("`", end + 1) > 0) end = text.indexOf("`", end + 1);
    else if (text[end] === mark && !/\s/.test(text[end - 1]) && !WORD.test(text[end + 1] ?? "")) return end;
  }
  return -1;
}

const URLS = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}*_~])/g;

function leaf(text, { verbatim }) {
  const named = text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole);
  if (verbatim) return [decode(named)];
  return named.split(URLS).map((part, index) => (index % 2 ? link(decode(part), [decode(part)]) : decode(part)));
}

export function link(url, content) {
  const href = safeUrl(url);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, content) : h("span", {}, content);
}

export function mention(label, { loud = false, onOpen = null } = {}) {
  return h("span", { class: loud ? "mention loud" : "mention", ...onOpen }, label);
}

export function userMention(id, fallback) {
  const known = state.users.has(id) || id === state.app?.bot_user_id;
  return mention(`@${known ? handle(id) : fallback || id}`, { loud: id === state.me?.id });
}

export function channelMention(id, fallback) {
  const channel = findChannel(id);
  return mention(`#${channel?.name ?? (fallback || id)}`);
}

/** What stands between < and >; null when it is no token, and then it is shown as typed. */
function token(body) {
  const [target, ...rest] = body.split("|");
  const label = rest.length ? decode(rest.join("|")) : "";
  if (target.startsWith("@")) return userMention(target.slice(1), label);
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!")) return special(target.slice(1), label);
  if (!/^(?:https?:\/\/|mailto:)/i.test(target)) return null;
  return link(decode(target), label ? inline(rest.join("|"), { verbatim: true }) : [decode(target).replace(/^mailto:/, "")]);
}

function special(target, label) {
  const [kind, ...rest] = target.split("^");
  if (kind === "date" && rest.length >= 2) return dateNode(rest[0], decode(rest[1]), { url: rest[2], fallback: label });
  if (kind === "subteam") return mention(label || `@${rest[0]}`);
  if (["channel", "here", "everyone"].includes(kind)) return mention(`@${kind}`, { loud: true });
  return mention(label || kind);
}

/** Inside code, links show as their text, as in Slack. */
function stripTokens(text) {
  return text.replace(/<(https?:[^|>]+)(?:\|([^>]*))?>/g, (whole, url, label) => label ?? url);
}
