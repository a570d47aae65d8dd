/** The stack of modals: the top view is shown, and its answers are kept while it is redrawn. */

import { trouble } from "./actions.js";
import { closeView, submitView } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { Form } from "./form.js";
import { textNodes, words } from "./mrkdwn.js";
import { on, state } from "./store.js";
import { toast } from "./toasts.js";

export class Modals {
  constructor() {
    this.forms = new Map(); // view id -> Form
    this.dialog = null;
    on("views", () => this.draw());
  }

  get view() {
    return state.views.at(-1) ?? null;
  }

  draw() {
    const { view } = this;
    const alive = new Set(state.views.map(({ id }) => id));
    for (const id of this.forms.keys()) if (!alive.has(id)) this.forms.delete(id);
    if (!view) return this.shut();
    if (!this.dialog) this.raise();
    const source = JSON.stringify(view);
    if (this.source === source && !this.stale) return undefined;
    const focus = this.shownId === view.id ? focusedInput() : null;
    Object.assign(this, { source, stale: false, shownId: view.id });
    this.dialog.replaceChildren(this.form(view));
    this.focusOn(focus);
    return undefined;
  }

  raise() {
    this.dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" });
    this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.close(); });
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  shut() {
    this.dialog?.close();
    this.dialog?.remove();
    Object.assign(this, { dialog: null, source: null, shownId: null });
  }

  form(view) {
    if (!this.forms.has(view.id)) this.forms.set(view.id, new Form());
    const form = this.forms.get(view.id);
    const place = { surface: { kind: "view", id: view.id }, form };
    const closeButton = h("button", { type: "button", class: "button", on: { click: () => this.close() } }, textNodes(view.close ?? "Close"));
    const submit = view.submit && h("button", { type: "submit", class: "button primary" }, h("span", { class: "button-face" }, textNodes(view.submit)), h("span", { class: "spinner", "aria-hidden": "true" }));
    return h(
      "form",
      { novalidate: true, on: { submit: (event) => { event.preventDefault(); this.submit(view, form, submit); } } },
      h("header", { class: "modal-head" }, h("h2", { id: "modal-title" }, words(view.title)),
        h("button", { type: "button", class: "icon-button", "aria-label": state.views.length > 1 ? "Close all" : "Close", on: { click: () => this.close({ all: true }) } }, icon("close"))),
      h("div", { class: "modal-body" }, renderBlocks(view.blocks, place)),
      h("footer", { class: "dialog-buttons" }, closeButton, submit),
    );
  }

  focusOn(blockId) {
    const control = (blockId && controlOf(this.dialog, blockId)) || this.dialog.querySelector(".modal-body :is(input, textarea, select, .select)");
    (control ?? this.dialog.querySelector("[type=submit]") ?? this.dialog.querySelector(".dialog-buttons button"))?.focus();
  }

  async submit(view, form, button) {
    if (!button || button.classList.contains("is-busy")) return;
    form.errors = form.missing(view);
    if (Object.keys(form.errors).length) return void this.showErrors(form);
    button.classList.add("is-busy");
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await submitView(view.id, form.collect(view));
      form.errors = answer.errors ?? {};
      if (Object.keys(form.errors).length) this.showErrors(form);
      else if (!answer.ok) toast(trouble(answer.error));
    } catch (error) {
      toast(error.message);
    } finally {
      button.classList.remove("is-busy");
      button.removeAttribute("aria-busy");
    }
  }

  showErrors(form) {
    this.stale = true;
    this.draw();
    this.focusOn(Object.keys(form.errors)[0]);
  }

  /** One view back, or all of them. */
  async close({ all = false } = {}) {
    const { view } = this;
    if (!view) return;
    try {
      const answer = await closeView(view.id, all);
      if (!answer.ok) toast(trouble(answer.error));
    } catch (error) {
      toast(error.message);
    }
  }
}

function controlOf(dialog, blockId) {
  return dialog.querySelector(`[data-input="${CSS.escape(blockId)}"] :is(input, textarea, .select)`);
}

function focusedInput() {
  return document.activeElement?.closest(".modal [data-input]")?.dataset.input ?? null;
}
