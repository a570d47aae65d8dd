/** The line above the messages: where one is, and the app's two tabs. */

import { h, icon } from "./dom.js";
import { openChannel, state } from "./store.js";

const KINDS = { channel: "Channel", private: "Private channel", shared: "Shared channel" };

function about(channel) {
  if (channel.kind === "app") return "App";
  return `${KINDS[channel.kind] ?? "Channel"} · ${state.app.name} ${channel.bot_is_member ? "is here" : "is not in this channel"}`;
}

function tabs(go) {
  const tab = (name, label) => h(
    "button",
    {
      type: "button", role: "tab", id: `tab-${name}`, class: "tab", "aria-selected": String(state.tab === name), tabindex: state.tab === name ? "0" : "-1",
      on: {
        click: () => go({ tab: name }),
        keydown: (event) => ["ArrowLeft", "ArrowRight"].includes(event.key) && go({ tab: name === "home" ? "messages" : "home", focusTab: true }),
      },
    },
    label,
  );
  return h("div", { class: "tabs", role: "tablist", "aria-label": state.app.name }, tab("home", "Home"), tab("messages", "Messages"));
}

/** Draw it; `onMenu(button)` opens the drawer on a phone. */
export function drawPaneHead(node, { go, onMenu }) {
  const channel = openChannel();
  if (!channel) return;
  const menu = h("button", { type: "button", class: "icon-button menu-button", "aria-label": "Channels and people" }, icon("menu"));
  menu.addEventListener("click", () => onMenu(menu));
  const mark = { private: "lock", shared: "shared", channel: "hash" }[channel.kind];
  const title = h("h1", {}, mark && icon(mark), channel.kind === "app" ? state.app.name : channel.name);
  const me = h("span", { class: "acting-as" }, `as @${state.me.name}`);
  node.replaceChildren(menu, h("div", { class: "pane-title" }, title, h("p", {}, about(channel))), me, ...(channel.kind === "app" ? [tabs(go)] : []));
  document.title = `${channel.kind === "app" ? state.app.name : `#${channel.name}`} – Practice Slack`;
}
