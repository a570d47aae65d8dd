/** The box people type in: slash commands with their hints, recall of the last ones, Enter to send. */

import { send } from "./api.js";
import { trouble } from "./actions.js";
import { h, icon } from "./dom.js";
import { openChannel, state } from "./store.js";
import { toast } from "./toasts.js";

const TALLEST = 180; // pixels
const REMEMBERED = 50;

export class Composer {
  /** `wait(text)` shows that something is under way and answers how to stop showing it. */
  constructor({ wait, onSent }) {
    this.wait = wait;
    this.onSent = onSent;
    this.recalled = -1;
    this.active = 0;
    this.input = h("textarea", {
      id: "composer", rows: 1, autocomplete: "off", spellcheck: "true", enterkeyhint: "send", "aria-autocomplete": "list", "aria-controls": "commands",
      on: { input: () => this.typed(), keydown: (event) => this.key(event), blur: () => this.hide(), focus: () => this.suggest() },
    });
    this.menu = h("div", { class: "commands", id: "commands", role: "listbox", "aria-label": "Slash commands", hidden: true });
    this.button = h("button", { type: "submit", class: "button primary send", "aria-label": "Send" }, icon("send"), h("span", {}, "Send"));
    this.node = h(
      "form",
      { class: "composer", on: { submit: (event) => { event.preventDefault(); this.submit(); } } },
      this.menu,
      h("div", { class: "composer-box" }, this.input, this.button),
      h("p", { class: "composer-help" }, h("kbd", {}, "/"), " for commands · ", h("kbd", {}, "↑"), " last command · ", h("kbd", {}, "Shift"), "+", h("kbd", {}, "Enter"), " new line"),
    );
  }

  /** Another channel: its own draft and its own name. */
  reset() {
    const channel = openChannel();
    const label = channel?.kind === "app" ? `Message ${state.app.name}` : `Message #${channel?.name ?? ""}`;
    this.input.placeholder = label;
    this.input.setAttribute("aria-label", label);
    this.recalled = -1;
    this.write(state.drafts.get(state.channel) ?? "");
    this.hide();
  }

  write(text) {
    this.input.value = text;
    state.drafts.set(state.channel, text);
    this.fit();
  }

  /** Put words in the box for the person to send. */
  suggestText(text) {
    this.write(text);
    this.input.focus();
    this.suggest();
  }

  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
    this.button.disabled = !this.input.value.trim();
  }

  typed() {
    this.recalled = -1;
    state.drafts.set(state.channel, this.input.value);
    this.fit();
    this.suggest();
  }

  /** The commands that fit what is typed: to pick while the name is unfinished, as a hint afterwards. */
  suggest() {
    const typed = this.input.value;
    const [word, rest] = [typed.split(/\s/)[0], /\s/.test(typed)];
    const fitting = typed.startsWith("/") && !typed.includes("\n")
      ? state.app.commands.filter(({ command }) => (rest ? command === word : command.startsWith(word)))
      : [];
    this.fitting = fitting;
    this.picking = !rest && fitting.length > 0 && !fitting.some(({ command }) => command === word);
    this.active = Math.min(this.active, Math.max(0, fitting.length - 1));
    this.menu.replaceChildren(...fitting.map((command, index) => this.row(command, index)));
    this.menu.hidden = fitting.length === 0;
  }

  row({ command, description, usage_hint: usage }, index) {
    const chosen = this.picking && index === this.active;
    return h(
      "div",
      { role: "option", class: chosen ? "command is-active" : "command", "aria-selected": String(chosen), on: { pointerdown: (event) => { event.preventDefault(); this.complete(command); } } },
      h("div", { class: "command-line" }, h("strong", {}, command), usage && h("span", { class: "usage" }, ` ${usage}`)),
      h("div", { class: "command-about" }, description, h("span", { class: "badge" }, state.app.name)),
    );
  }

  complete(command) {
    this.write(`${command} `);
    this.input.focus();
    this.suggest();
  }

  hide() {
    this.menu.hidden = true;
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.menu.hidden;
    if (event.key === "Escape" && open) return this.stop(event, () => this.hide());
    if (event.key === "Tab" && open && this.picking) return this.stop(event, () => this.complete(this.fitting[this.active].command));
    if (event.key === "Enter" && !event.shiftKey) {
      return this.stop(event, () => (open && this.picking ? this.complete(this.fitting[this.active].command) : this.submit()));
    }
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return undefined;
    if (open && this.picking && this.fitting.length > 1) return this.stop(event, () => this.move(-step));
    if (this.input.value === "" || this.recalled >= 0) return this.stop(event, () => this.recall(this.recalled + step));
    return undefined;
  }

  stop(event, then) {
    event.preventDefault();
    event.stopPropagation();
    then();
  }

  move(step) {
    this.active = (this.active + step + this.fitting.length) % this.fitting.length;
    this.suggest();
  }

  /** The last things sent by this person, newest first. */
  history() {
    return JSON.parse(sessionStorage.getItem(`sent:${state.me.id}`) ?? "[]");
  }

  recall(to) {
    const sent = this.history();
    this.recalled = Math.max(-1, Math.min(to, sent.length - 1));
    this.write(this.recalled < 0 ? "" : sent[this.recalled]);
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  remember(text) {
    const sent = [text, ...this.history().filter((one) => one !== text)].slice(0, REMEMBERED);
    sessionStorage.setItem(`sent:${state.me.id}`, JSON.stringify(sent));
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const channel = state.channel;
    this.remember(text);
    this.recalled = -1;
    this.write("");
    this.hide();
    const done = this.wait(text.startsWith("/") ? `Sending ${text.split(/\s/)[0]} to ${state.app.name} …` : "Sending …");
    try {
      const answer = await send(channel, text);
      if (!answer.ok) this.giveBack(channel, text, trouble(answer.error));
      else this.onSent(channel, answer);
    } catch (error) {
      this.giveBack(channel, text, error.message);
    } finally {
      done();
    }
  }

  /** What could not be sent goes back into the box. */
  giveBack(channel, text, why) {
    toast(why);
    if (state.channel === channel && !this.input.value) this.write(text);
  }
}
