/** Times in the viewer's own zone: message stamps and Slack's date tokens. */

import { h, safeUrl } from "./dom.js";

const LOCALE = navigator.language?.startsWith("en") ? navigator.language : "en-GB";
const DAY = 86_400_000;

const format = (date, options) => new Intl.DateTimeFormat(LOCALE, options).format(date);
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** "today", "yesterday", "tomorrow", or null. */
function nearDay(date) {
  const days = Math.round((midnight(date) - midnight(new Date())) / DAY);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? null;
}

function ordinal(day) {
  const teens = day % 100 >= 11 && day % 100 <= 13;
  return `${day}${teens ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th")}`;
}

const month = (date) => format(date, { month: "long" });
const dateLong = (date) => `${format(date, { weekday: "long" })}, ${month(date)} ${ordinal(date.getDate())}`;
const pad = (number) => String(number).padStart(2, "0");

const TOKENS = {
  date_num: (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`,
  date_slash: (date) => format(date, { day: "2-digit", month: "2-digit", year: "numeric" }),
  date: (date) => `${month(date)} ${ordinal(date.getDate())}, ${date.getFullYear()}`,
  date_short: (date) => format(date, { day: "numeric", month: "short", year: "numeric" }),
  date_long: (date) => `${dateLong(date)}, ${date.getFullYear()}`,
  date_long_full: (date) => format(date, { day: "numeric", month: "long", year: "numeric" }),
  date_pretty: (date) => nearDay(date) ?? TOKENS.date(date),
  date_short_pretty: (date) => nearDay(date) ?? TOKENS.date_short(date),
  date_long_pretty: (date) => nearDay(date) ?? TOKENS.date_long(date),
  day_divider_pretty: (date) => nearDay(date) ?? dayName(date),
  time: (date) => format(date, { hour: "numeric", minute: "2-digit" }),
  time_secs: (date) => format(date, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: (date) => ago(date),
};

function dayName(date) {
  return date.getFullYear() === new Date().getFullYear() ? dateLong(date) : TOKENS.date_long(date);
}

const STEPS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

function ago(date) {
  const seconds = Math.round((Date.now() - date.getTime()) / 1000);
  const [unit, length] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  const count = Math.trunc(Math.abs(seconds) / length);
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  if (count === 0) return "just now";
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** Slack's template with its tokens filled in; unknown tokens stay as they are. */
export function fillDate(template, seconds) {
  const date = new Date(seconds * 1000);
  return template.replace(/\{([a-z_]+)\}/g, (whole, token, place) => {
    if (!(token in TOKENS)) return whole;
    const words = TOKENS[token](date);
    return place === 0 ? capital(words) : words;
  });
}

/** A date token as a node; the full local time stands in its tooltip. */
export function dateNode(seconds, template, { url, fallback } = {}) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return document.createTextNode(fallback ?? "");
  const words = fillDate(template, Number(seconds));
  const stamp = h("time", { datetime: date.toISOString(), title: fullTime(date), textContent: words });
  if (template.includes("{ago}")) Object.assign(stamp.dataset, { ago: template, at: seconds });
  const href = url && safeUrl(url);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, stamp) : stamp;
}

function fullTime(date) {
  return format(date, { dateStyle: "full", timeStyle: "long" });
}

/** The time of a message, short. */
export function stampNode(seconds) {
  const date = new Date(seconds * 1000);
  return h("time", { class: "stamp", datetime: date.toISOString(), title: fullTime(date) }, TOKENS.time(date));
}

export function dayLabel(seconds) {
  return capital(TOKENS.day_divider_pretty(new Date(seconds * 1000)));
}

export function sameDay(a, b) {
  return midnight(new Date(a * 1000)) === midnight(new Date(b * 1000));
}

/** Keep every "… ago" on the page true. */
export function keepAgoFresh() {
  setInterval(() => {
    for (const stamp of document.querySelectorAll("time[data-ago]")) {
      stamp.textContent = fillDate(stamp.dataset.ago, Number(stamp.dataset.at));
    }
  }, 5000);
}
