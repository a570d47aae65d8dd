/** The message list of the open channel: grouped, live, and never stealing the scroll position. */

import { avatar } from "./avatars.js";
import { renderBlocks, spoken } from "./blocks.js";
import { dayLabel, sameDay, stampNode } from "./dates.js";
import { h, icon, reconcile } from "./dom.js";
import { extras } from "./extras.js";
import { on, openChannel, personName, state, visibleMessages } from "./store.js";
import { announce } from "./toasts.js";

const GROUP_WITHIN = 300; // seconds
const NEAR_END = 60; // pixels

export class MessageList {
  constructor() {
    this.drawn = new Map(); // message id -> {node, source}
    this.days = new Map(); // label -> divider
    this.pending = [];
    this.list = h("div", { class: "messages", role: "list", "aria-label": "Messages" });
    this.scroller = h("div", { class: "scroller", tabindex: "-1", on: { scroll: () => this.noteScroll() } }, h("div", { class: "spacer" }), this.list);
    this.jump = h("button", { type: "button", class: "button primary jump", hidden: true, on: { click: () => this.toEnd() } }, icon("down"), "New messages");
    this.node = h("div", { class: "message-area" }, this.scroller, this.jump);
    this.atEnd = true;
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.list);
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.scroller);
    on("messages", (event) => this.refresh(event));
  }

  /** Another channel or person: start over, at the end. */
  reset() {
    this.drawn.clear();
    this.days.clear();
    this.pending = [];
    this.list.replaceChildren();
    this.atEnd = true;
    this.jump.hidden = true;
    this.draw();
    this.toEnd();
  }

  refresh(event) {
    if (event?.channel && event.channel !== state.channel) return;
    const stay = this.atEnd && this.isNearEnd(); // a scroll may have happened that was not told of yet
    this.draw();
    if (stay) this.toEnd();
    else if (event?.added) this.jump.hidden = false;
    if (event?.added && event.message.author.id !== state.me.id) announce(`${authorName(event.message.author)}: ${spoken(event.message)}`);
  }

  draw() {
    const messages = visibleMessages();
    const nodes = messages.length || this.pending.length ? [] : [emptyNote()];
    let before = null;
    for (const message of messages) {
      if (!before || !sameDay(before.at, message.at)) nodes.push(this.divider(message.at));
      const node = this.nodeFor(message);
      node.classList.toggle("is-grouped", isGrouped(before, message));
      nodes.push(node);
      before = message;
    }
    const kept = new Set(messages.map((message) => message.id));
    for (const id of this.drawn.keys()) if (!kept.has(id)) this.drawn.delete(id);
    reconcile(this.list, [...nodes, ...this.pending]);
  }

  nodeFor(message) {
    const source = JSON.stringify(message);
    const known = this.drawn.get(message.id);
    if (known?.source === source) return known.node;
    const node = messageNode(message);
    if (known?.node.contains(document.activeElement)) queueMicrotask(() => node.focus({ preventScroll: true }));
    if (known) node.classList.add("is-changed");
    this.drawn.set(message.id, { node, source });
    return node;
  }

  divider(at) {
    const label = dayLabel(at);
    if (!this.days.has(label)) this.days.set(label, h("div", { class: "day", role: "separator" }, h("span", {}, label)));
    return this.days.get(label);
  }

  /** A line at the end while something the person typed is under way; answers how to take it away. */
  wait(text) {
    const node = h("div", { class: "pending", role: "status" }, h("span", { class: "spinner", "aria-hidden": "true" }), h("span", {}, text));
    const show = setTimeout(() => {
      this.pending.push(node);
      this.draw();
      this.toEnd();
    }, 250);
    return () => {
      clearTimeout(show);
      this.pending = this.pending.filter((one) => one !== node);
      this.draw();
    };
  }

  isNearEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollTop + clientHeight >= scrollHeight - NEAR_END;
  }

  noteScroll() {
    this.atEnd = this.isNearEnd();
    if (this.atEnd) this.jump.hidden = true;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.atEnd = true;
    this.jump.hidden = true;
  }
}

function isGrouped(before, message) {
  return Boolean(before) && before.author.id === message.author.id && !before.ephemeral && !message.ephemeral
    && message.at - before.at < GROUP_WITHIN && sameDay(before.at, message.at);
}

function emptyNote() {
  const channel = openChannel();
  const name = channel?.kind === "app" ? state.app.name : `#${channel?.name ?? ""}`;
  return h("div", { class: "empty" }, h("strong", {}, `This is the start of ${name}`), h("p", {}, "Nothing has been said here yet."));
}

function authorName({ id, name }) {
  const known = personName(id);
  return known === id ? name : known;
}

function messageNode(message) {
  const name = authorName(message.author);
  const place = { surface: { kind: "message", id: message.id }, form: null };
  return h(
    "article",
    {
      class: `message ${message.ephemeral ? "is-ephemeral" : ""}`, role: "listitem", tabindex: "-1", data: { message: message.id },
      "aria-label": `${name}${message.ephemeral ? ", only visible to you" : ""}`,
    },
    message.ephemeral && h("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
    h("div", { class: "gutter" }, avatar(message.author.id, name, { bot: message.author.is_bot }), stampNode(message.at)),
    h(
      "div",
      { class: "message-main" },
      h("div", { class: "byline" }, h("span", { class: "author" }, name), message.author.is_bot && h("span", { class: "badge" }, "App"), stampNode(message.at)),
      h("div", { class: "content" }, renderBlocks(message.blocks, place, message.text), extras(message, place), message.edited && !message.ephemeral && h("span", { class: "edited" }, "(edited)")),
    ),
  );
}
