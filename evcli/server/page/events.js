// The list of events: live, filtered, paused by scrolling up. story.js tells one of them.

import { call, Poller } from "/_evcli/page/api.js";
import { $, badge, el, time } from "/_evcli/page/dom.js";
import { showStory, forgetStory } from "/_evcli/page/story.js";

const SCREENFUL = 100;
// As the server gives at most; a full answer means that there is more.
const FULL = 200;
// So often full, and the newest are shown instead of all between.
const BEHIND = 3;
const MOST_ROWS = 2000;
const UNFINISHED = ["PENDING", "RETRYING"];

const list = $("#event-list");
const form = $("#filter");
const rows = new Map(); // key → {value, node}, the oldest first
let cursors = null; // of the ledger: {ledger, newest, oldest, hasOlder}
let waiting = []; // events that came while the list was paused
let selected = null;
let generation = 0; // of the filter: answers to an older one are dropped
let full = 0;

const poller = new Poller(() => (cursors ? askForNew() : reload()));

export function setUp() {
  form.addEventListener("input", debounce(applyFilter, 250));
  form.addEventListener("submit", (event) => event.preventDefault());
  list.addEventListener("keydown", onKey);
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) select(Number(row.dataset.key), { opens: true });
  });
  list.addEventListener("scroll", () => isAtEnd() && waiting.length && resume());
  $("#resume").addEventListener("click", resume);
  $("#older").addEventListener("click", () => askForOlder());
  $("#story").addEventListener("keydown", (event) => event.key === "Escape" && closeStory());
}

export function show(rest) {
  const key = Number(new URLSearchParams(rest).get("key"));
  if (key && key !== selected) select(key, { opens: true });
  if (!key && selected !== null) closeStory();
  poller.start();
  // The poller says when the server does not answer.
  listBuses().catch(() => {});
}

export function hide() {
  poller.stop();
}

// -- asking

function readFilter() {
  const data = new FormData(form);
  const request = {};
  if (data.get("text")) request.Text = data.get("text");
  if (data.get("bus")) request.EventBusName = data.get("bus");
  if (data.get("pattern").trim()) request.EventPattern = data.get("pattern");
  if (data.get("unmatched")) request.Unmatched = true;
  if (data.get("failed")) request.Failed = true;
  return request;
}

async function ask(request) {
  const asked = generation;
  try {
    const value = await call("events", { ...readFilter(), ...request });
    $("#filter-problem").textContent = "";
    return asked === generation ? value : null;
  } catch (error) {
    if (error.status !== 400) throw error;
    if (asked === generation) $("#filter-problem").textContent = error.message;
    return null;
  }
}

function applyFilter() {
  generation += 1;
  cursors = null;
  poller.schedule(0);
}

async function reload() {
  const value = await ask({ Limit: SCREENFUL });
  if (value) await startOver(value);
}

async function startOver(value) {
  rows.clear();
  list.replaceChildren();
  waiting = [];
  full = 0;
  cursors = { ledger: value.Ledger, newest: value.Newest, oldest: value.Oldest, hasOlder: value.HasOlder };
  append(value.Events);
  scrollToEnd();
  const asked = generation;
  // With a filter that few events meet, the server looks through them piece by piece.
  while (asked === generation && cursors.hasOlder && rows.size < SCREENFUL / 2) {
    describeList("searching older events …");
    await askForOlder();
    scrollToEnd();
  }
  describeList();
}

async function askForOlder() {
  const value = await ask({ Limit: SCREENFUL, Before: cursors.oldest, Ledger: cursors.ledger });
  if (!value) return;
  if (value.IsReset) return void (await startOver(value));
  cursors.oldest = value.Oldest;
  cursors.hasOlder = value.HasOlder;
  const height = list.scrollHeight;
  const newer = [...rows];
  rows.clear();
  const nodes = value.Events.map(addRow);
  newer.forEach(([key, row]) => rows.set(key, row));
  list.prepend(...nodes);
  list.scrollTop += list.scrollHeight - height;
  describeList();
}

async function askForNew() {
  const watch = [...rows].filter(([, row]) => isUnfinished(row.value)).map(([key]) => key).slice(-50);
  const value = await ask({ After: cursors.newest, Ledger: cursors.ledger, Watch: watch });
  if (!value) return;
  full = value.Events.length === FULL ? full + 1 : 0;
  if (value.IsReset || full >= BEHIND) return void (value.IsReset ? await startOver(value) : await reload());
  cursors.newest = value.Newest;
  value.Updates.forEach(update);
  if (isAtEnd() && !waiting.length) {
    append(value.Events);
    if (value.Events.length) scrollToEnd();
  } else waiting.push(...value.Events);
  waiting = waiting.slice(-MOST_ROWS);
  describeList();
}

// -- rows

const isUnfinished = (value) => UNFINISHED.some((state) => state in value.Deliveries);
const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 24;
const scrollToEnd = () => { list.scrollTop = list.scrollHeight; };

function append(values) {
  list.append(...values.map(addRow));
  const surplus = [...rows.keys()].slice(0, Math.max(rows.size - MOST_ROWS, 0));
  for (const key of surplus) {
    rows.get(key).node.remove();
    rows.delete(key);
    cursors.oldest = key + 1;
    cursors.hasOlder = true;
  }
}

function addRow(value) {
  const node = drawRow(value);
  rows.set(value.Key, { value, node });
  return node;
}

function update(value) {
  const row = rows.get(value.Key);
  if (!row || JSON.stringify(row.value) === JSON.stringify(value)) return;
  const node = drawRow(value);
  row.node.replaceWith(node);
  rows.set(value.Key, { value, node });
  if (value.Key === selected) showStory(selected);
}

function drawRow(value) {
  const states = Object.entries(value.Deliveries).map(([state, count]) => badge(state, count));
  const outcome = states.length ? states : [el("span", { class: "reason" }, `○ ${value.Reason ?? "no delivery"}`)];
  return el(
    "li",
    { role: "option", id: `event-${value.Key}`, "data-key": value.Key, "aria-selected": String(value.Key === selected) },
    time(value.AcceptedAt),
    el("span", { class: "bus" }, value.EventBusName),
    el("span", { class: "source" }, value.Source),
    el("span", { class: "type" }, value.DetailType),
    el("span", { class: "outcome" }, value.Rules.length ? el("span", { class: "rules" }, value.Rules.join(", ")) : null, outcome),
  );
}

function describeList(note = "") {
  $("#older").hidden = !cursors.hasOlder;
  $("#resume").hidden = !waiting.length;
  $("#resume").textContent = `Paused · ${waiting.length} new ↓`;
  const isEmpty = rows.size === 0;
  list.hidden = isEmpty;
  $("#no-events").hidden = !isEmpty || note !== "";
  $("#no-events").textContent = Object.keys(readFilter()).length
    ? "No event meets the filter."
    : "No event yet. Send one: evcli local trigger s3/object-created";
  const count = `${rows.size} ${rows.size === 1 ? "event" : "events"}${cursors.hasOlder ? ", there are older ones" : ""}`;
  if ($("#list-note").textContent !== (note || count)) $("#list-note").textContent = note || count;
}

function resume() {
  append(waiting);
  waiting = [];
  scrollToEnd();
  describeList();
}

// -- selecting

function onKey(event) {
  const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
  const keys = [...rows.keys()];
  const index = keys.indexOf(selected);
  if (event.key in steps) {
    const next = index < 0 ? keys.length - 1 : index + steps[event.key];
    if (keys[next] !== undefined) select(keys[next], { opens: false });
  } else if (event.key === "Enter" && selected !== null) {
    select(selected, { opens: true });
    $("#story").focus();
  } else if (event.key === "End") resume();
  else if (event.key === "Escape") closeStory();
  else return;
  event.preventDefault();
}

// On a narrow screen a story that opens takes the list's room.
function select(key, { opens }) {
  rows.get(selected)?.node.setAttribute("aria-selected", "false");
  selected = key;
  const node = rows.get(key)?.node;
  if (node) {
    node.setAttribute("aria-selected", "true");
    node.scrollIntoView({ block: "nearest" });
    list.setAttribute("aria-activedescendant", node.id);
  }
  if (opens) $("#events").classList.add("opened");
  history.replaceState(null, "", `#/events?key=${key}`);
  showStory(key, { close: closeStory, select: (other) => select(other, { opens: true }) });
}

function closeStory() {
  rows.get(selected)?.node.setAttribute("aria-selected", "false");
  selected = null;
  list.removeAttribute("aria-activedescendant");
  $("#events").classList.remove("opened");
  history.replaceState(null, "", "#/events");
  forgetStory();
  list.focus();
}

async function listBuses() {
  const { EventBuses } = await call("samples");
  const chooser = form.elements.bus;
  const chosen = chooser.value;
  chooser.replaceChildren(el("option", { value: "" }, "all"), ...EventBuses.map((name) => el("option", { value: name }, name)));
  chooser.value = chosen;
}

function debounce(act, milliseconds) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
}
