// Elements are made here and nowhere else. What others wrote becomes text nodes and
// attributes that hold no code; nothing is ever read as HTML.

export const $ = (selector, root = document) => root.querySelector(selector);

// el("a", {class: "x", href: "#", click: handler}, "text", child): functions listen,
// true and false set attributes without a value, null leaves one out.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child != null));
  return node;
}

export function button(text, act, properties = {}) {
  return el("button", { type: "button", click: act, ...properties }, text);
}

// Draw what a host has anew; whoever opened, scrolled or stood somewhere still does.
// Elements are known again by their data-id.
export function redraw(host, nodes) {
  const focused = host.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  const details = "details[data-id]";
  const opened = new Map([...host.querySelectorAll(details)].map((each) => [each.dataset.id, each.open]));
  const top = host.scrollTop;
  host.replaceChildren(...nodes);
  for (const each of host.querySelectorAll(details)) each.open = opened.get(each.dataset.id) ?? each.open;
  host.scrollTop = top;
  if (focused) host.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

const STATES = {
  DELIVERED: ["✓", "delivered"],
  FAILED: ["✗", "failed"],
  RETRYING: ["↻", "retrying"],
  PENDING: ["…", "pending"],
  WAITING: ["…", "waiting"],
};

// A state in words, with a sign and a colour beside them.
export function badge(state, count = null) {
  const [sign, word] = STATES[state] ?? ["·", state.toLowerCase()];
  const text = count === null ? word : `${count} ${word}`;
  return el("span", { class: `badge ${word}` }, el("span", { "aria-hidden": "true" }, `${sign} `), text);
}

export const verdictMark = (matched) =>
  el("span", { class: matched ? "yes" : matched === false ? "no" : "aside" },
    matched ? "✓ matches" : matched === false ? "✗ misses" : "– replaced");

// -- times, in the reader's zone, with the whole instant in the tooltip

export function time(instant, { day = false } = {}) {
  const date = new Date(instant);
  const clock = date.toLocaleTimeString(undefined, { hour12: false });
  const today = new Date().toDateString() === date.toDateString();
  const text = day || !today ? `${date.toLocaleDateString()} ${clock}` : clock;
  return el("time", { datetime: instant, title: instant }, text);
}

// -- JSON as it was written: a number keeps all of its digits, which JSON.parse would not

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const CLOSING = { "{": "}", "[": "]" };
// What is shorter stands on one line, but for the whole.
const ONE_LINE = 48;

export function formatJson(text) {
  const tokens = text.match(TOKEN) ?? [];
  let next = 0;

  function readItem() {
    let item = tokens[next++];
    if (tokens[next] === ":") {
      next += 1;
      return { name: item, ...readItem() };
    }
    if (!(item in CLOSING)) return { text: item };
    const parts = [];
    while (next < tokens.length && tokens[next] !== CLOSING[item]) {
      if (tokens[next] === ",") next += 1;
      else parts.push(readItem());
    }
    next += 1;
    return { text: item, parts };
  }

  function write({ name, text: open, parts }, depth) {
    const label = name === undefined ? "" : `${name}: `;
    if (!parts) return label + open;
    const inline = `${label}${open}${parts.map((part) => write(part, Infinity)).join(", ")}${CLOSING[open]}`;
    if (depth === Infinity || !parts.length || (depth > 0 && inline.length <= ONE_LINE)) return inline;
    const margin = "  ".repeat(depth);
    const lines = parts.map((part) => `${margin}  ${write(part, depth + 1)}`);
    return `${label}${open}\n${lines.join(",\n")}\n${margin}${CLOSING[open]}`;
  }

  return tokens.length ? write(readItem(), 0) : "";
}

export function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const pre = (text) => el("pre", { class: "code", tabindex: "0" }, isJson(text) ? formatJson(text) : text);

// -- to the clipboard, and a word about it

let toastTimer = 0;

export function say(text) {
  const toast = $("#toast");
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.classList.remove("shown"), 4000);
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard by that way on http of another host, or it was refused.
    const area = el("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(`Copied ${what}.`);
}
