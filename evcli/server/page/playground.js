// An event and a pattern tried on each other at each pause in typing. What is in the
// editors stands in the fragment of the address, which reaches no server and no log.

import { call } from "/_evcli/page/api.js";
import { $, copy, el, formatJson, isJson, pre, say, verdictMark } from "/_evcli/page/dom.js";
import { Editor } from "/_evcli/page/editor.js";
import { drawExplanation } from "/_evcli/page/verdict.js";

const PAUSE_MS = 300;
const CAPTURED = 20;
// Beyond this browsers cut addresses.
const MOST_FRAGMENT = 500_000;
const EVENT = '{"version":"0","id":"5f0c1a2b-0a1b-4c3d-8e9f-001122334455","detail-type":"Order Paid","source":"shop","account":"000000000000","time":"2026-01-05T10:00:00Z","region":"us-east-1","resources":[],"detail":{"id":7,"total":120,"customer":{"tier":"gold"}}}';
const PATTERN = '{"source":["shop"],"detail":{"total":[{"numeric":[">",100]}]}}';

let editors = null; // by the letter that they have in the fragment
let written = null; // the fragment that the editors wrote themselves
let asked = 0;
let timer = 0;

export function setUp() {
  editors = {
    e: new Editor("#event-editor", "Event", { rows: 15, change: onEdit }),
    p: new Editor("#pattern-editor", "Event pattern", { rows: 15, change: onEdit }),
    m: new Editor("#paths-editor", "Input paths", { rows: 3, isLabelled: true, change: onEdit }),
    t: new Editor("#template-editor", "Input template", { rows: 4, isLabelled: true, change: onEdit }),
  };
  editors.m.area.placeholder = '{"id": "$.detail.id"}';
  editors.t.area.placeholder = '{"order": <id>}';
  for (const [name, letter] of [["event", "e"], ["pattern", "p"]]) {
    $(`[data-format=${name}]`).addEventListener("click", () => {
      editors[letter].value = formatJson(editors[letter].value);
      onEdit();
    });
  }
  $("#copy-link").addEventListener("click", () => copy(location.href, "the link"));
  $("#event-choice").addEventListener("change", chooseEvent);
  $("#rules-bus").addEventListener("change", onEdit);
}

export function show(rest) {
  // Without them there is still what is typed.
  listChoices().catch((error) => say(error.message));
  if (rest && rest === written) return;
  const state = rest ? decode(rest) : null;
  if (state === null && written !== null) return;
  const pretty = (text) => (isJson(text) ? formatJson(text) : text);
  editors.e.value = pretty(state?.e ?? EVENT);
  editors.p.value = state?.p === undefined ? formatJson(PATTERN) : state.p;
  editors.m.value = state?.m ?? "";
  editors.t.value = state?.t ?? "";
  if (state?.b) setBus(state.b);
  evaluate();
}

export function hide() {
  clearTimeout(timer);
}

// -- the fragment

export const link = (state) => `#/playground/${encode(state)}`;

function encode(state) {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(text) {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const state = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (each) => each.charCodeAt(0))));
    const texts = Object.entries(state).filter(([, value]) => typeof value === "string");
    return Object.fromEntries(texts);
  } catch {
    say("The link is damaged: its end may be missing.");
    return null;
  }
}

function write() {
  const state = Object.fromEntries(Object.entries(editors).map(([letter, editor]) => [letter, editor.value]));
  state.b = $("#rules-bus").value;
  const fragment = encode(state);
  if (fragment.length > MOST_FRAGMENT) return say("Too long for a link.");
  written = fragment;
  history.replaceState(null, "", `#/playground/${fragment}`);
}

// -- trying

function onEdit() {
  clearTimeout(timer);
  timer = setTimeout(evaluate, PAUSE_MS);
}

async function evaluate() {
  write();
  const number = (asked += 1);
  const request = { Event: editors.e.value, EventPattern: editors.p.value };
  const bus = $("#rules-bus").value;
  if (bus) request.EventBusName = bus;
  const problem = readTransformer(request);
  let value;
  try {
    value = await call("play", request);
  } catch (error) {
    if (number === asked) showVerdict("no", `▲ ${error.message}`);
    return;
  }
  // A later answer may have come before this one.
  if (number !== asked) return;
  showPattern(value.Pattern);
  showPayload(value.Transformer, problem);
  showRules(bus, value.Rules ?? []);
}

// Put the transformer into the request; say what is wrong with its paths.
function readTransformer(request) {
  if (!editors.t.value.trim()) return null;
  if (editors.m.value.trim()) {
    try {
      request.InputPathsMap = JSON.parse(editors.m.value);
    } catch (error) {
      return error.message;
    }
    if (request.InputPathsMap?.constructor !== Object) return delete request.InputPathsMap && "not a JSON object";
  }
  request.InputTemplate = editors.t.value;
  return null;
}

function showVerdict(kind, text) {
  const node = $("#verdict");
  node.className = `verdict ${kind}`;
  if (node.textContent !== text) node.textContent = text;
}

function showPattern({ Matched, Explanation, Error: error, Of }) {
  editors.e.clear();
  editors.p.clear();
  $("#explanation").replaceChildren();
  if (error) {
    // The service quotes the whole pattern behind its reason; here it stands above.
    const reason = error.Line ? error.Message.replace(/\n at \[Source: [^]*$/, ".") : error.Message;
    const words = [reason, error.Advice].filter(Boolean).join("\n");
    editors[Of === "Event" ? "e" : "p"].complain(words, error.Line ?? null, error.Column ?? null);
    showVerdict("aside", Of === "Event" ? "– The event cannot be tried." : "– The event pattern is not valid.");
    return;
  }
  showVerdict(Matched ? "yes" : "no", Matched ? "✓ The pattern matches the event." : "✗ The pattern does not match the event.");
  $("#explanation").append(drawExplanation(Explanation));
}

function showPayload(transformer, problem) {
  const host = $("#payload");
  editors.m.clear();
  if (problem) editors.m.complain(problem);
  if (transformer?.Payload !== undefined) host.replaceChildren(pre(transformer.Payload));
  else if (transformer) host.replaceChildren(el("p", { class: "problem" }, transformer.Error.Message));
  else host.replaceChildren(el("p", { class: "empty" }, "With a template, what a target gets of the event."));
}

function showRules(bus, rules) {
  const sorted = [...rules].sort((one, other) => Number(other.Matched) - Number(one.Matched));
  const lines = sorted.map((rule) => el("li", {}, verdictMark(rule.Matched), " ", el("strong", {}, rule.Name),
    rule.Reason ? el("div", { class: "reason" }, rule.Reason) : null));
  if (bus && !lines.length) lines.push(el("li", { class: "reason" }, "No enabled rule with an event pattern."));
  $("#matching").replaceChildren(...lines);
}

// -- what to try

async function listChoices() {
  const [{ Samples, EventBuses }, { Events }] = await Promise.all([call("samples"), call("events", { Limit: CAPTURED })]);
  const captured = Events.reverse().map((each) =>
    el("option", { value: `key:${each.Key}` }, `${each.DetailType} from ${each.Source}, ${each.EventId.slice(0, 8)}`));
  const samples = Samples.map((name) => el("option", { value: `sample:${name}` }, name));
  $("#event-choice").replaceChildren(el("option", { value: "" }, "…"),
    el("optgroup", { label: "Captured" }, captured), el("optgroup", { label: "Samples" }, samples));
  const bus = $("#rules-bus").value;
  $("#rules-bus").replaceChildren(el("option", { value: "" }, "none"), ...EventBuses.map((name) => el("option", { value: name }, name)));
  setBus(bus);
}

function setBus(name) {
  const chooser = $("#rules-bus");
  if (name && ![...chooser.options].some((each) => each.value === name)) chooser.append(el("option", { value: name }, name));
  chooser.value = name;
}

async function chooseEvent() {
  const [kind, ...rest] = $("#event-choice").value.split(":");
  if (!kind) return;
  const name = rest.join(":");
  try {
    const { Text } = kind === "key" ? await call("story", { Key: Number(name) }) : await call("sample", { Name: name });
    editors.e.value = formatJson(Text);
    onEdit();
  } catch (error) {
    say(error.message);
  }
}
