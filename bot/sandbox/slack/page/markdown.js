/** Standard Markdown for `markdown` blocks: the common part of it, as nodes. */

import { h } from "./dom.js";
import { link } from "./mrkdwn.js";

const INLINE = [
  [/`([^`]+)`/, (match) => h("code", {}, match[1])],
  [/!?\[([^\]]*)\]\(([^)\s]+)\)/, (match) => link(match[2], spans(match[1] || match[2]))],
  [/\*\*(\S(?:.*?\S)?)\*\*|__(\S(?:.*?\S)?)__/, (match) => h("strong", {}, spans(match[1] ?? match[2]))],
  [/~~(\S(?:.*?\S)?)~~/, (match) => h("s", {}, spans(match[1]))],
  [/\*(\S(?:.*?\S)?)\*|(?<!\w)_(\S(?:.*?\S)?)_(?!\w)/, (match) => h("em", {}, spans(match[1] ?? match[2]))],
  [/https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)]/, (match) => link(match[0], match[0])],
];

function spans(text) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const hits = INLINE.map(([pattern, draw]) => [pattern.exec(rest), draw]).filter(([match]) => match);
    if (!hits.length) return [...nodes, rest];
    const [match, draw] = hits.reduce((first, hit) => (hit[0].index < first[0].index ? hit : first));
    nodes.push(rest.slice(0, match.index), draw(match));
    rest = rest.slice(match.index + match[0].length);
  }
  return nodes;
}

const cells = (line) => line.replace(/^\s*\||\|\s*$/g, "").split("|").map((cell) => cell.trim());

function grid(run) {
  const [head, , ...rows] = run;
  const row = (tag) => (line) => h("tr", {}, cells(line).map((cell) => h(tag, {}, spans(cell))));
  return h("div", { class: "table-scroll", tabindex: "0" }, h("table", {}, h("thead", {}, row("th")(head)), h("tbody", {}, rows.map(row("td")))));
}

const list = (tag, mark) => (run) => h(tag, {}, run.map((line) => h("li", {}, spans(line.replace(mark, "").replace(/^\[( |x)\] /i, (box) => (box[1] === " " ? "☐ " : "☑ "))))));
const BULLET = /^\s*[-*+] +/;
const NUMBERED = /^\s*\d+[.)] +/;

/** Kinds of lines that belong together, and how a run of them is drawn. */
const RUNS = [
  [/^\s*$/, () => null],
  [/^(?:---+|\*\*\*+|___+)\s*$/, () => h("hr")],
  [/^#{1,6} /, (run) => run.map((line) => h("div", { class: `header level-${Math.min(4, line.indexOf(" "))}`, role: "heading", "aria-level": String(Math.min(6, line.indexOf(" ") + 2)) }, spans(line.replace(/^#+ /, ""))))],
  [/^> ?/, (run) => h("blockquote", {}, markdown(run.map((line) => line.replace(/^> ?/, "")).join("\n")))],
  [BULLET, list("ul", BULLET)],
  [NUMBERED, list("ol", NUMBERED)],
  [/^\s*\|.*\|\s*$/, (run) => (/^[\s|:-]+$/.test(run[1] ?? "") ? grid(run) : h("p", {}, spans(run.join(" "))))],
  [/^/, (run) => h("p", {}, run.flatMap((line, index) => (index ? [h("br"), ...spans(line)] : spans(line))))],
];

export function markdown(text) {
  return String(text ?? "").split(/^```[^\n]*\n([\s\S]*?)^```[^\n]*$/m).flatMap((part, index) => (index % 2 ? [h("pre", {}, part.replace(/\n$/, ""))] : prose(part)));
}

function prose(text) {
  const nodes = [];
  let kind = null;
  let run = [];
  const flush = () => {
    if (run.length) nodes.push(kind[1](run));
    run = [];
  };
  for (const line of text.split("\n")) {
    const next = RUNS.find(([pattern]) => pattern.test(line));
    if (next !== kind) flush();
    kind = next;
    run.push(line);
  }
  flush();
  return nodes;
}
