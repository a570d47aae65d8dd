/** Where a select's options come from: its own list, the app, or the people and channels of the workspace. */

import { fetchOptions } from "./api.js";
import { words } from "./mrkdwn.js";
import { state } from "./store.js";

const LEAST_QUERY = 3; // Slack's default for external selects

/** {initial, remote, least, size, find(query) -> {groups} or {error}} for a select element. */
export function sourceFor(element, place) {
  const kind = element.type.replace(/^multi_/, "");
  if (kind === "external_select") return external(element, place);
  if (kind === "users_select") return local(people(), pickInitial(element, "user", people()));
  if (kind !== "static_select") return conversations(element);
  const groups = element.option_groups ?? [{ options: element.options ?? [] }];
  return { ...local(groups.flatMap((group) => group.options), element.initial_options ?? [element.initial_option].filter(Boolean)), find: (query) => ({ groups: narrowed(groups, query) }) };
}

function local(options, initial) {
  return { initial, remote: false, least: 0, size: options.length, find: (query) => ({ groups: narrowed([{ options }], query) }) };
}

function narrowed(groups, query) {
  const wanted = query.toLocaleLowerCase();
  const matches = (option) => words(option.text).toLocaleLowerCase().includes(wanted);
  return groups.map((group) => ({ ...group, options: group.options.filter(matches) })).filter((group) => group.options.length);
}

function external(element, place) {
  return {
    initial: element.initial_options ?? [element.initial_option].filter(Boolean),
    remote: true,
    least: element.min_query_length ?? LEAST_QUERY,
    size: Infinity,
    find: (query) => askApp(element, place, query),
  };
}

async function askApp(element, place, query) {
  const failed = (error) => ({ error: error?.includes(" ") ? error : "Could not load the options. Try again." });
  try {
    const answer = await fetchOptions({ surface: place.surface, block_id: place.blockId, action_id: element.action_id, query });
    if (answer.status >= 400 || answer.error) return failed(answer.error);
    const groups = answer.option_groups?.length ? answer.option_groups : [{ options: answer.options ?? [] }];
    return { groups: groups.filter((group) => group.options.length) };
  } catch (error) {
    return failed(error.message);
  }
}

const option = (value, text) => ({ value, text: { type: "plain_text", text } });

function people() {
  return [...state.users.values()].filter((user) => user.role !== "bot").map((user) => option(user.id, user.real_name || user.name));
}

function pickInitial(element, noun, options) {
  const ids = element[`initial_${noun}s`] ?? [element[`initial_${noun}`]].filter(Boolean);
  return ids.map((id) => options.find((one) => one.value === id) ?? option(id, id));
}

const KINDS = { public: "channel", private: "private", im: "app" };

function conversations(element) {
  const include = element.filter?.include?.map((kind) => KINDS[kind]);
  const shown = state.channels.filter((channel) => {
    const shared = channel.kind === "shared";
    if (shared && element.filter?.exclude_external_shared_channels) return false;
    return !include || include.includes(shared ? "channel" : channel.kind);
  });
  const options = shown.map((channel) => option(channel.id, channel.kind === "app" ? state.app.name : `#${channel.name}`));
  const noun = element.type.includes("channels") ? "channel" : "conversation";
  const initial = element.default_to_current_conversation ? options.filter((one) => one.value === state.channel) : pickInitial(element, noun, options);
  return local(options, initial);
}
