/** Short notes at the edge of the page, for what has no better place. */

import { h, icon } from "./dom.js";

const SHOWN_FOR = 8000;

export function toast(text) {
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: () => note.remove() } }, icon("close"));
  const note = h("div", { class: "toast" }, h("span", {}, text), close);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_FOR);
}

/** Say something to a screen reader only. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
