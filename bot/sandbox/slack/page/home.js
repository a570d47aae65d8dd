/** The app's Home tab. */

import { fetchHome, openHome } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { h, spinner } from "./dom.js";
import { Form } from "./form.js";
import { emit, on, state } from "./store.js";
import { toast } from "./toasts.js";

export class HomeTab {
  constructor() {
    this.form = new Form();
    this.node = h("div", { class: "home", role: "tabpanel", "aria-labelledby": "tab-home", tabindex: "0" });
    on("home", () => this.draw());
  }

  /** The person opened the tab: the app is told, and what it publishes is shown. */
  async open() {
    const me = state.me.id;
    const before = state.home;
    this.form = new Form();
    this.opening = true;
    this.draw();
    try {
      await openHome();
      const answer = await fetchHome();
      // What was published meanwhile is newer than this answer may be.
      if (state.me.id === me && state.home === before) state.home = answer?.view ?? null;
    } catch (error) {
      toast(error.message);
    } finally {
      this.opening = false;
      if (state.me.id === me) emit("home");
    }
  }

  draw() {
    const place = { surface: { kind: "home" }, form: this.form };
    if (state.home) this.node.replaceChildren(h("div", { class: "home-page" }, renderBlocks(state.home.blocks, place)));
    else if (this.opening) this.node.replaceChildren(h("div", { class: "empty" }, spinner(), " Loading …"));
    else this.node.replaceChildren(h("div", { class: "empty" }, h("strong", {}, "Nothing here yet"), h("p", {}, `${state.app.name} has not published a Home for you.`)));
  }
}
