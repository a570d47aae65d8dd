/** A round-cornered tile with initials; its colour comes from the id. */

import { h } from "./dom.js";

const HUES = 8;

export function avatar(id, name, { bot = false } = {}) {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % HUES;
  return h("span", { class: `avatar hue-${bot ? "bot" : hue}`, "aria-hidden": "true" }, initials(name));
}

function initials(name) {
  const parts = name.trim().split(/\s+/);
  const letters = parts.length > 1 ? [...parts[0]][0] + [...parts.at(-1)][0] : [...(parts[0] || "?")].slice(0, 2).join("");
  return letters.toLocaleUpperCase();
}
