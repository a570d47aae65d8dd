/** A round-cornered tile with initials; people who are listed together have different colours. */

import { h } from "./dom.js";
import { state } from "./store.js";

const HUES = 8;

export function avatar(id, name, { bot = false } = {}) {
  const place = [...state.users.keys()].indexOf(id);
  const hue = bot ? "bot" : Math.max(place, 0) % HUES;
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, initials(name));
}

function initials(name) {
  const parts = name.trim().split(/\s+/);
  const letters = parts.length > 1 ? [...parts[0]][0] + [...parts.at(-1)][0] : [...(parts[0] || "?")].slice(0, 2).join("");
  return letters.toLocaleUpperCase();
}
