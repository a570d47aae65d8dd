/** DOM nodes built without ever parsing HTML: foreign data only becomes text nodes and attribute values. */

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "open", "indeterminate", "textContent", "selected"]);
const SVG = "http://www.w3.org/2000/svg";

function assign(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  } else if (name === "style") {
    for (const [property, setting] of Object.entries(value)) node.style.setProperty(property, setting);
  } else if (name === "data") {
    Object.assign(node.dataset, value);
  } else if (PROPERTIES.has(name)) {
    node[name] = value;
  } else {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** An element with attributes, listeners (`on`) and children; strings become text nodes, null is left out. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  node.append(...present(children));
  for (const [name, value] of Object.entries(props ?? {})) assign(node, name, value);
  return node;
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) assign(node, name, value);
  node.append(...present(children));
  return node;
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** A link target that may be followed: web and mail addresses only, never `javascript:`. */
export function safeUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** Make `parent` hold exactly `nodes` in that order, moving as few as possible (focus and scroll survive). */
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let place = parent.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

const ICONS = {
  hash: "M6 3 4.5 17M13.5 3 12 17M3 7h14M2.5 13h14",
  lock: "M6 9V6.5a4 4 0 0 1 8 0V9M4.5 9h11v8h-11z",
  shared: "M7 10h6M7.5 6.5 5 10l2.5 3.5M12.5 6.5 15 10l-2.5 3.5",
  menu: "M3 5h14M3 10h14M3 15h14",
  close: "M5 5l10 10M15 5 5 15",
  dots: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  chevron: "M5 8l5 5 5-5",
  send: "M3 10 17 3.5 12.5 17l-3-5.5z",
  eye: "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  down: "M10 3v13M4.5 10.5 10 16l5.5-5.5",
  check: "M4 10.5 8.5 15 16 5.5",
  file: "M5 2.5h6.5L15 6v11.5H5zM11 3v4h4",
  bulb: "M7.5 14.5h5M8.5 17.5h3M10 2.5a5 5 0 0 0-3 9l.5 3h5l.5-3a5 5 0 0 0-3-9z",
};

/** A decorative line icon; the label belongs to whoever holds it. */
export function icon(name) {
  const path = svg("path", { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-linecap": "round", "stroke-linejoin": "round" });
  return svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 20 20", "aria-hidden": "true" }, path);
}

/** The small turning ring of something under way. */
export function spinner() {
  return h("span", { class: "spinner", "aria-hidden": "true" });
}
