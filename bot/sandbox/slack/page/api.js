/** The practice server's UI API: every call says who is acting. */

import { state } from "./store.js";

/** The server could not be reached, or refused; `message` may be shown. */
export class ApiError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new ApiError("The practice Slack does not answer. Is it still running?");
  }
  let data = null;
  try {
    data = await response.json();
  } catch {
    throw new ApiError(`The practice Slack answered ${response.status} without an explanation.`, response.status);
  }
  return { status: response.status, data };
}

async function get(path, query) {
  const { status, data } = await ask("GET", `${path}?${new URLSearchParams(query)}`);
  if (status >= 400) throw new ApiError(data?.error ?? `The practice Slack answered ${status}.`, status);
  return data;
}

async function post(path, body) {
  const { status, data } = await ask("POST", path, body);
  return { status, ...(data ?? {}) };
}

export const fetchState = (user) => get("/_ui/state", { user });
export const fetchMessages = (channel) => get("/_ui/messages", { user: state.me.id, channel });
export const fetchHome = () => get("/_ui/home", { user: state.me.id });
export const fetchViews = () => get("/_ui/views", { user: state.me.id });

const mine = (body) => ({ user: state.me.id, ...body });
export const send = (channel, text) => post("/_ui/send", mine({ channel, text }));
export const openHome = () => post("/_ui/open_home", mine({}));
export const postAction = (action) => post("/_ui/action", mine(action));
export const fetchOptions = (question) => post("/_ui/options", mine(question));
export const submitView = (viewId, values) => post("/_ui/submit", mine({ view_id: viewId, values }));
export const closeView = (viewId, all) => post("/_ui/close", mine({ view_id: viewId, all }));

const FIRST_WAIT = 400;
const LONGEST_WAIT = 5000;

/** The push channel of one person; comes back by itself until it is closed. */
export class Live {
  constructor(user, { onEvent, onUp, onDown }) {
    this.user = user;
    this.handlers = { onEvent, onUp, onDown };
    this.wait = FIRST_WAIT;
    this.closed = false;
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/_ui/ws?user=${encodeURIComponent(this.user)}`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.wait = FIRST_WAIT;
      if (!this.closed) this.handlers.onUp();
    });
    socket.addEventListener("message", (event) => {
      if (!this.closed) this.handlers.onEvent(JSON.parse(event.data));
    });
    socket.addEventListener("close", () => this.retry());
  }

  retry() {
    if (this.closed) return;
    this.handlers.onDown();
    this.timer = setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
