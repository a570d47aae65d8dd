/** The rail on the left: the workspace, who is acting, channels and the app. On a phone it is a drawer. */

import { avatar } from "./avatars.js";
import { h, icon } from "./dom.js";
import { on, state } from "./store.js";

const ROLES = { guest: "guest", outsider: "from another workspace" };
const KINDS = { channel: "hash", private: "lock", shared: "shared" };
const SPOKEN = { private: "private", shared: "shared with another workspace", app: "app" };

export class Sidebar {
  /** `go({user?, channel?, tab?})` navigates. */
  constructor(node, scrim, { go }) {
    Object.assign(this, { node, scrim, go });
    this.narrow = window.matchMedia("(max-width: 760px)");
    this.narrow.addEventListener("change", () => this.shut());
    scrim.addEventListener("click", () => this.shut());
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.shut());
    for (const topic of ["people", "channel", "channels"]) on(topic, () => this.draw());
    this.shut();
  }

  open(from) {
    this.from = from;
    this.node.classList.add("is-open");
    this.node.inert = false;
    this.scrim.hidden = false;
    (this.node.querySelector("[aria-current]") ?? this.node.querySelector("button"))?.focus();
  }

  shut() {
    const wasOpen = this.node.classList.contains("is-open");
    this.node.classList.remove("is-open");
    this.node.inert = this.narrow.matches;
    this.scrim.hidden = true;
    if (wasOpen) this.from?.focus();
  }

  draw() {
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.node.replaceChildren(this.head(), this.people(), this.channels(), this.apps(), this.foot());
    if (focused) this.node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  head() {
    const close = h("button", { type: "button", class: "icon-button drawer-close", "aria-label": "Close the channel list", on: { click: () => this.shut() } }, icon("close"));
    return h("div", { class: "rail-head" }, h("div", {}, h("div", { class: "workspace" }, state.team.name), h("div", { class: "product" }, "Practice Slack")), close);
  }

  people() {
    const people = [...state.users.values()].filter((user) => user.role !== "bot");
    const buttons = people.map((user) => this.person(user));
    const { real_name: name, role } = state.me;
    return h(
      "section",
      { class: "rail-section" },
      h("h2", { class: "rail-title", id: "acting" }, "You act as"),
      h("div", { class: "people", role: "group", "aria-labelledby": "acting" }, buttons),
      h("p", { class: "who" }, h("strong", {}, name), ROLES[role] ? ` · ${ROLES[role]}` : ` · @${state.me.name}`),
    );
  }

  person(user) {
    const me = user.id === state.me.id;
    const label = `${user.real_name || user.name}${ROLES[user.role] ? `, ${ROLES[user.role]}` : ""}`;
    return h(
      "button",
      { type: "button", class: "person", "aria-pressed": String(me), "aria-label": label, title: label, data: { key: user.id }, on: { click: () => this.go({ user: user.name }) } },
      avatar(user.id, user.real_name || user.name),
      h("span", { class: "person-name" }, user.name),
    );
  }

  channels() {
    const rows = state.channels.filter((channel) => channel.kind !== "app").map((channel) => {
      return this.row(channel, [icon(KINDS[channel.kind] ?? "hash"), h("span", { class: "row-name" }, channel.name)], spoken(channel), { channel: channel.name });
    });
    return h("section", { class: "rail-section grow" }, h("h2", { class: "rail-title" }, "Channels"), h("ul", {}, rows));
  }

  apps() {
    const rows = state.channels.filter((channel) => channel.kind === "app").map((channel) =>
      this.row(channel, [avatar("app", state.app.name, { bot: true }), h("span", { class: "row-name" }, state.app.name), h("span", { class: "badge" }, "App")],
        spoken(channel), { channel: "app" }));
    return h("section", { class: "rail-section" }, h("h2", { class: "rail-title" }, "Apps"), h("ul", {}, rows));
  }

  row(channel, face, label, where) {
    const current = channel.id === state.channel;
    const unread = channel.unread > 0 && h("span", { class: "unread" }, String(Math.min(channel.unread, 99)));
    const choose = () => {
      this.go(where);
      this.shut();
    };
    const props = { type: "button", class: channel.unread > 0 ? "row has-unread" : "row", "aria-current": current ? "page" : null, "aria-label": label, data: { key: channel.id }, on: { click: choose } };
    return h("li", {}, h("button", props, face, unread));
  }

  foot() {
    this.lamp ??= h("p", { class: "lamp", role: "status" });
    this.showLive();
    return this.lamp;
  }

  showLive() {
    if (!this.lamp) return;
    this.lamp.classList.toggle("is-live", state.live);
    this.lamp.textContent = state.live ? "Live" : "Reconnecting …";
  }
}

function spoken(channel) {
  const name = channel.kind === "app" ? state.app.name : channel.name;
  return [name, SPOKEN[channel.kind], channel.unread > 0 && `${channel.unread} unread`].filter(Boolean).join(", ");
}
