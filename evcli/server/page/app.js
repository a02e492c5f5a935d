// The frame: which view is shown, and the keys that work everywhere.

import { $ } from "/_evcli/page/dom.js";
import * as events from "/_evcli/page/events.js";
import * as playground from "/_evcli/page/playground.js";
import * as rules from "/_evcli/page/rules.js";

const views = { events, playground, rules };
const KEYS_OFF = "evcli-single-keys-off";
let current = null;

// The address says what is shown: #/events?key=7, #/playground/STATE, #/rules.
function route() {
  const [, name, rest] = /^#\/(\w+)[/?]?(.*)$/.exec(location.hash) ?? [null, "events", ""];
  const shown = name in views ? name : "events";
  if (current !== shown) {
    if (current) views[current].hide();
    current = shown;
    for (const each of Object.keys(views)) $(`#${each}`).hidden = each !== shown;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.dataset.view === shown) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = `${shown[0].toUpperCase()}${shown.slice(1)} · evcli`;
  }
  views[shown].show(rest);
}

const isTyping = (node) => node.closest("input, textarea, select, dialog") !== null;

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  if (localStorage.getItem(KEYS_OFF)) return;
  const name = Object.keys(views)[Number(event.key) - 1];
  if (name) {
    location.hash = `#/${name}`;
    $("#main").focus();
  } else if (event.key === "/") {
    location.hash = "#/events";
    route();
    $("#filter [name=text]").focus();
    event.preventDefault();
  } else if (event.key === "?") $("#keys").showModal();
}

function setUpKeys() {
  const box = $("#single-keys");
  box.checked = !localStorage.getItem(KEYS_OFF);
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  });
  $("#show-keys").addEventListener("click", () => $("#keys").showModal());
  document.addEventListener("keydown", onKey);
  // The fragment is the view's, so the skip link must not write to it.
  $("#skip").addEventListener("click", (event) => {
    event.preventDefault();
    $("#main").focus();
  });
}

setUpKeys();
for (const view of Object.values(views)) view.setUp();
window.addEventListener("hashchange", route);
route();
