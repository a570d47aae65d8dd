/** The page: reads where to be from the address, keeps it live, and puts the pieces together. */

import { fetchMessages, fetchState, fetchViews, Live } from "./api.js";
import { Composer } from "./composer.js";
import { keepAgoFresh } from "./dates.js";
import { h } from "./dom.js";
import { practiceHint } from "./hint.js";
import { HomeTab } from "./home.js";
import { MessageList } from "./messages.js";
import { Modals } from "./modals.js";
import { drawPaneHead } from "./panehead.js";
import { Sidebar } from "./sidebar.js";
import { applyMessage, becomePerson, emit, findChannel, isInSight, keepMessages, openChannel, state } from "./store.js";
import { toast } from "./toasts.js";

const FIRST_PERSON = "ana";
const FIRST_ID = "U01ANA"; // somebody who is surely there, to ask who else is
const RETRY = 1000;
const READ_AFTER = 500;

class Page {
  constructor() {
    this.sidebar = new Sidebar(byId("rail"), byId("scrim"), { go: (where) => this.go(where) });
    this.list = new MessageList();
    this.composer = new Composer({ wait: (text) => this.list.wait(text), onSent: () => this.list.toEnd() });
    this.home = new HomeTab();
    this.modals = new Modals();
    this.person = null;
    window.addEventListener("hashchange", () => this.follow());
  }

  /** Say in the address where to be; following it does the rest. */
  go({ focusTab = false, ...where }) {
    const now = wanted();
    const elsewhere = where.channel && where.channel !== now.channel;
    const next = { user: FIRST_PERSON, ...now, ...where };
    if (elsewhere) delete next.tab;
    this.focusTab = focusTab;
    location.hash = new URLSearchParams(next).toString();
  }

  async follow() {
    const where = wanted();
    try {
      if (!this.person || (where.user ?? FIRST_PERSON) !== this.person) await this.become(where.user ?? FIRST_PERSON);
      await this.enter(where);
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error) {
    if (this.live) return toast(error.message);
    this.person = null;
    byId("pane-body").replaceChildren(h("div", { class: "empty" }, h("strong", {}, "Cannot open the practice Slack"), h("p", {}, error.message)));
    setTimeout(() => this.follow(), RETRY);
    return undefined;
  }

  async become(name) {
    this.person = name;
    const answer = await personState(name);
    if (this.person !== name) return;
    becomePerson(answer);
    this.live?.close();
    this.live = new Live(state.me.id, {
      onEvent: (event) => this.heard(event),
      onUp: () => this.caughtUp(),
      onDown: () => this.setLive(false),
    });
    this.entered = null;
    emit("people");
    emit("views");
  }

  async enter({ channel: name, tab }) {
    const fallback = findChannel(state.channel) ?? findChannel("noc") ?? state.channels[0];
    const channel = findChannel(name) ?? fallback;
    state.channel = channel.id;
    state.tab = channel.kind === "app" && tab === "home" ? "home" : "messages";
    const place = `${state.me.id} ${channel.id} ${state.tab}`;
    if (place === this.entered) return;
    this.entered = place;
    if (state.tab === "messages") await this.load(channel.id);
    if (place !== this.entered) return;
    this.show(channel);
  }

  show(channel) {
    if (state.tab === "messages") channel.unread = 0;
    drawPaneHead(byId("pane-head"), { go: (where) => this.go(where), onMenu: (button) => this.sidebar.open(button) });
    if (this.focusTab) byId(`tab-${state.tab}`)?.focus();
    emit("channel");
    if (state.tab === "home") {
      byId("pane-body").replaceChildren(this.home.node);
      this.home.open();
      return;
    }
    const hint = practiceHint({ onTry: (text) => this.composer.suggestText(text) });
    byId("pane-body").replaceChildren(...[this.list.node, hint, this.composer.node].filter(Boolean));
    this.list.reset();
    this.composer.reset();
    if (window.matchMedia("(hover: hover)").matches && !this.focusTab) this.composer.input.focus();
  }

  async load(channelId) {
    const me = state.me.id;
    const { messages } = await fetchMessages(channelId);
    if (state.me.id === me) keepMessages(channelId, messages);
  }

  /** The connection is up, perhaps again: what was missed is fetched, anew when something happens meanwhile. */
  async caughtUp() {
    this.setLive(true);
    try {
      do {
        this.disturbed = false;
        await this.catchUp();
      } while (this.disturbed);
    } catch (error) {
      toast(error.message);
    }
  }

  async catchUp() {
    const me = state.me.id;
    const [views, answer] = await Promise.all([fetchViews(), fetchState(me), this.load(state.channel)]);
    if (state.me.id !== me || this.disturbed) return;
    state.views = views.stack;
    state.channels = answer.channels;
    const channel = openChannel();
    if (channel && state.tab === "messages") channel.unread = 0;
    for (const topic of ["messages", "views", "channels"]) emit(topic);
  }

  setLive(live) {
    state.live = live;
    this.sidebar.showLive();
  }

  heard(event) {
    this.disturbed = true;
    if (event.type.startsWith("message")) this.heardMessage(event);
    if (event.type === "views") {
      state.views = event.stack;
      emit("views");
    }
    if (event.type === "home") {
      state.home = event.view;
      emit("home");
    }
  }

  heardMessage({ type, message }) {
    const added = applyMessage(type, message);
    emit("messages", { channel: findChannel(message.channel)?.id, added, message });
    if (added) emit("channels");
    if (added && isInSight(message.channel)) this.markRead();
  }

  /** Reading the channel is what tells the server that it was read. */
  markRead() {
    clearTimeout(this.reading);
    this.reading = setTimeout(() => fetchMessages(state.channel).catch(() => null), READ_AFTER);
  }
}

const byId = (id) => document.getElementById(id);

function wanted() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/** The state of a person known by handle or id; whoever nobody knows is the first person. */
async function personState(name) {
  if (!state.users.size) becomePerson(await fetchState(FIRST_ID));
  const people = [...state.users.values()];
  const id = (people.find((user) => user.name === name || user.id === name) ?? state.users.get(FIRST_ID)).id;
  return fetchState(id);
}

document.querySelector("[data-skip]").addEventListener("click", (event) => {
  event.preventDefault();
  byId("composer")?.focus();
});
keepAgoFresh();
new Page().follow();
