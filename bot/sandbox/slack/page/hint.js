/** The note for a first visit: what this place is, and one thing to try. */

import { h, icon } from "./dom.js";
import { state } from "./store.js";

const DISMISSED = "practice-hint-dismissed";
const FIRST_TRY = "/ct reboot lobby";

/** The panel, or null where it was dismissed; `onTry(text)` puts the words in the box. */
export function practiceHint({ onTry }) {
  if (localStorage.getItem(DISMISSED)) return null;
  const command = state.app.commands[0]?.command;
  const first = command && FIRST_TRY.startsWith(`${command} `) ? FIRST_TRY : (command ?? "hello");
  const panel = h(
    "aside",
    { class: "hint", "aria-label": "Practice" },
    icon("bulb"),
    h("div", { class: "hint-text" },
      h("strong", {}, "Practice. "), "Nothing here reaches a real box or a real person. Type ", h("code", {}, first), " and see what happens; switch people to see what others see."),
    h("div", { class: "hint-buttons" },
      h("button", { type: "button", class: "button primary", on: { click: () => onTry(first) } }, "Type It for Me"),
      h("button", { type: "button", class: "button", on: { click: () => dismiss(panel) } }, "Dismiss")),
  );
  return panel;
}

function dismiss(panel) {
  localStorage.setItem(DISMISSED, "yes");
  panel.remove();
}
