/** What the page knows, and who wants to hear when it changes. */

export const state = {
  team: null,
  me: null,
  users: new Map(),
  channels: [],
  app: null,
  channel: null, // the open one, by id
  tab: "messages", // of the app: "messages" or "home"
  messages: new Map(), // channel id -> Map(message id -> message)
  drafts: new Map(), // channel id -> text
  views: [],
  home: null,
  live: false,
};

const listeners = new Map();

/** Call `listener` when `topic` changes: "people", "channel", "channels", "messages", "views", "home", "live". */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
}

export function emit(topic, detail) {
  for (const listener of listeners.get(topic) ?? []) listener(detail);
}

/** Take over the answer of GET /_ui/state. */
export function becomePerson(answer) {
  state.team = answer.team;
  state.me = answer.me;
  state.users = new Map(answer.users.map((user) => [user.id, user]));
  state.channels = answer.channels;
  state.app = answer.app;
  state.messages.clear();
  state.drafts.clear();
  state.views = [];
  state.home = null;
}

/** The channel that a link or a push names, by id, by name, or "app" for the app's own conversation. */
export function findChannel(name) {
  return state.channels.find((channel) => channel.id === name)
    ?? state.channels.find((channel) => channel.name === name && channel.kind !== "app")
    ?? (name === "app" ? state.channels.find((channel) => channel.kind === "app") : undefined);
}

export function openChannel() {
  return state.channels.find((channel) => channel.id === state.channel);
}

export function keepMessages(channelId, messages) {
  state.messages.set(channelId, new Map(messages.map((message) => [message.id, message])));
}

/** The open channel's messages, oldest first. */
export function visibleMessages() {
  const known = state.messages.get(state.channel) ?? new Map();
  return [...known.values()].sort((a, b) => a.at - b.at || order(a, b));
}

function order(a, b) {
  return String(a.ts).localeCompare(String(b.ts), "en", { numeric: true });
}

/** Apply one pushed message event; tells whether it was a new message. */
export function applyMessage(type, message) {
  const channelId = findChannel(message.channel)?.id ?? message.channel;
  const known = state.messages.get(channelId);
  if (type === "message_deleted") {
    known?.delete(message.id);
    return false;
  }
  const isNew = type === "message" && !known?.has(message.id);
  known?.set(message.id, message);
  if (isNew && !isInSight(channelId) && message.author.id !== state.me.id) countUnread(channelId);
  return isNew;
}

export function isInSight(channelId) {
  return channelId === state.channel && state.tab === "messages";
}

function countUnread(channelId) {
  const channel = state.channels.find((one) => one.id === channelId);
  if (channel) channel.unread = (channel.unread ?? 0) + 1;
}

/** A person's name as it is shown; ids that nobody knows stay ids. */
export function personName(id) {
  if (state.app && id === state.app.bot_user_id) return state.app.name;
  const user = state.users.get(id);
  return user ? user.real_name || user.name : id;
}

/** A person's handle, as in @ana. */
export function handle(id) {
  if (state.app && id === state.app.bot_user_id) return state.app.name;
  return state.users.get(id)?.name ?? id;
}
