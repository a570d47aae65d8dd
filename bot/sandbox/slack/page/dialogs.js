/** Confirm dialogs, and the popover that menus and selects open. */

import { h } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

/** Ask as a Slack confirm object says; true when the person goes ahead. */
export function confirmDialog(confirm) {
  return new Promise((resolve) => {
    let accepted = false;
    const button = (label, style, answer) =>
      h("button", { type: "button", class: `button ${style}`, on: { click: () => { accepted = answer; dialog.close(); } } }, textNodes(label));
    const deny = button(confirm.deny ?? "Cancel", "", false);
    const accept = button(confirm.confirm ?? "Yes", confirm.style === "danger" ? "danger" : "primary", true);
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
      h("h2", { id: "confirm-title" }, textNodes(confirm.title ?? "Are you sure?")),
      h("div", { id: "confirm-text", class: "rich" }, textNodes(confirm.text)),
      h("div", { class: "dialog-buttons" }, deny, accept),
    );
    dialog.addEventListener("close", () => { dialog.remove(); resolve(accepted); });
    document.body.append(dialog);
    dialog.showModal();
    deny.focus();
  });
}

let openPopover = null;

/** Show `content` beside `anchor` until Esc, a click elsewhere or `close()`; on a phone it becomes a sheet. */
export function popover(anchor, content, { onClose = () => {}, label, wide = false } = {}) {
  openPopover?.close();
  const box = h("div", { class: wide ? "popover wide" : "popover", popover: "manual", "aria-label": label }, content);
  (anchor.closest("dialog") ?? document.body).append(box);
  box.showPopover();
  place(box, anchor);
  const controller = new AbortController();
  const self = {
    box,
    close({ refocus = true } = {}) {
      if (openPopover !== self) return;
      openPopover = null;
      controller.abort();
      box.remove();
      anchor.setAttribute("aria-expanded", "false");
      onClose();
      if (refocus && anchor.isConnected) anchor.focus({ preventScroll: true });
    },
  };
  openPopover = self;
  anchor.setAttribute("aria-expanded", "true");
  dismissals(self, anchor, controller.signal);
  return self;
}

function dismissals(self, anchor, signal) {
  const elsewhere = (event) => {
    if (!self.box.contains(event.target) && !anchor.contains(event.target)) self.close({ refocus: false });
  };
  document.addEventListener("pointerdown", elsewhere, { capture: true, signal });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    self.close();
  }, { capture: true, signal });
  const follow = () => (anchor.isConnected ? place(self.box, anchor) : self.close({ refocus: false }));
  window.addEventListener("resize", follow, { signal });
  const growth = new ResizeObserver(follow);
  growth.observe(self.box);
  signal.addEventListener("abort", () => growth.disconnect());
  document.addEventListener("scroll", (event) => { if (!self.box.contains(event.target)) follow(); }, { capture: true, signal });
}

const GAP = 4;
const EDGE = 8;
const LIST_ROOM = 330; // what a list of options wants, whatever it holds just now

/** Below the anchor where there is room, else on the roomier side, and never higher than that side. */
function place(box, anchor) {
  const at = anchor.getBoundingClientRect();
  const below = window.innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  box.style.minWidth = `${Math.min(at.width, window.innerWidth - 2 * EDGE)}px`;
  const wanted = box.classList.contains("wide") ? LIST_ROOM : box.scrollHeight;
  const up = below < wanted && above > below;
  box.style.setProperty("--room", `${Math.max(up ? above : below, 160)}px`);
  const { width, height } = box.getBoundingClientRect();
  box.style.top = `${up ? Math.max(EDGE, at.top - GAP - height) : at.bottom + GAP}px`;
  box.style.left = `${Math.max(EDGE, Math.min(at.left, window.innerWidth - width - EDGE))}px`;
}
