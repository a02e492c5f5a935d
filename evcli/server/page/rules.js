// What there is: bus → rule → target as a nested list, archives, replays, schedules.

import { call, Poller } from "/_evcli/page/api.js";
import { $, badge, button, el, pre, redraw, say, time } from "/_evcli/page/dom.js";
import { link } from "/_evcli/page/playground.js";

const host = $("#overview");
let drawn = ""; // what is drawn, as text
const poller = new Poller(refresh);

export function setUp() {}

export function show() {
  poller.start();
}

export function hide() {
  poller.stop();
}

async function refresh() {
  const { Now, Since, ...overview } = await call("rules");
  const text = JSON.stringify(overview);
  if (text === drawn) return;
  drawn = text;
  redraw(host, draw(overview));
}

function draw(overview) {
  const scopes = overview.Regions.length;
  return [
    el("p", { class: "reason" }, "Counts are of events of the last hour."),
    ...overview.Regions.flatMap((region) => [
      scopes > 1 ? el("h2", {}, `${region.Account} ${region.Region}`) : null,
      ...region.EventBuses.map((bus) => drawBus(region, bus)),
    ].filter(Boolean)),
    drawTable("Archives", overview.Archives, ["Name", "EventBusName", "State", "EventCount", "SizeBytes", "RetentionDays"]),
    drawTable("Replays", overview.Replays, ["Name", "State", "EventStartTime", "EventEndTime", "EventLastReplayedTime"]),
    drawTable("API destinations", overview.ApiDestinations, ["Name", "HttpMethod", "InvocationEndpoint", "Delivered", "Failed", "Waiting"]),
  ].filter(Boolean);
}

function drawBus(region, bus) {
  const count = bus.Rules.length + (bus.MoreRules ?? 0);
  return el("section", { class: "bus-part", "aria-label": `Event bus ${bus.Name}` },
    el("h2", {}, "Bus ", el("span", { class: "code" }, bus.Name), el("small", {}, ` ${count} ${count === 1 ? "rule" : "rules"}`)),
    bus.Rules.length ? el("ul", { class: "tree" }, bus.Rules.map((rule) => drawRule({ Account: region.Account, Region: region.Region, EventBusName: bus.Name, Name: rule.Name }, rule)))
      : el("p", { class: "reason" }, "No rule yet: evcli put-rule --name …"),
    bus.MoreRules ? el("p", { class: "reason" }, `${bus.MoreRules} more are not shown.`) : null);
}

function drawRule(named, rule) {
  const isEnabled = rule.State !== "DISABLED";
  const state = el("span", { class: isEnabled ? "badge delivered" : "badge off" }, isEnabled ? "✓ enabled" : "– disabled");
  return el("li", { class: "rule" },
    el("div", { class: "delivery-head" }, el("strong", {}, rule.Name), state,
      rule.ManagedBy ? el("span", { class: "reason" }, "managed: it feeds an archive") : drawButtons(named, rule, isEnabled)),
    rule.Schedule ? el("div", {}, el("span", { class: "code" }, rule.Schedule), ...drawInstants(rule)) : null,
    rule.EventPattern && !rule.ManagedBy ? el("details", { "data-id": `pattern ${rule.Arn}` }, el("summary", {}, "Pattern"), pre(rule.EventPattern)) : null,
    el("ul", { class: "tree" }, rule.Targets.map(drawTarget)),
    rule.Targets.length || rule.ManagedBy ? null : el("p", { class: "reason" }, "no targets"));
}

const drawInstants = (rule) =>
  rule.Instants?.length
    ? [el("span", { class: "reason" }, " next "), ...rule.Instants.flatMap((each, index) => [index ? ", " : "", time(each, { day: true })])]
    : [el("span", { class: "reason" }, " not planned")];

function drawButtons(named, rule, isEnabled) {
  const id = (what) => ({ "data-id": `${what} ${rule.Arn}`, "aria-label": `${what} ${rule.Name}` });
  return el("span", { class: "actions" },
    button(isEnabled ? "Disable" : "Enable", () => change("set-rule-state", { ...named, IsEnabled: !isEnabled }, `${rule.Name} is ${isEnabled ? "disabled" : "enabled"}.`),
      { "data-id": `state ${rule.Arn}`, "aria-label": `${isEnabled ? "Disable" : "Enable"} ${rule.Name}` }),
    rule.Schedule ? button("Fire now", () => change("fire-rule", named, `${rule.Name} was fired.`), id("Fire now")) : null,
    rule.EventPattern ? el("a", { class: "button", href: link({ p: rule.EventPattern, b: named.EventBusName }), ...id("Try") }, "Try") : null);
}

const drawTarget = (target) =>
  el("li", { class: "delivery-head" },
    el("span", { class: "code" }, target.Arn),
    ...[["DELIVERED", "Delivered"], ["FAILED", "Failed"], ["WAITING", "Waiting"]].filter(([, name]) => target[name]).map(([state, name]) => badge(state, target[name])),
    target.Delivered || target.Failed || target.Waiting ? null : el("span", { class: "reason" }, "nothing in the last hour"));

function drawTable(title, values, columns) {
  if (!values.length) return null;
  const words = (name) => name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return el("section", { "aria-label": title }, el("h2", {}, title),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, table` },
      el("table", {},
        el("thead", {}, el("tr", {}, columns.map((name) => el("th", { scope: "col" }, words(name))))),
        el("tbody", {}, values.map((value) => el("tr", {}, columns.map((name) => el("td", {}, String(value[name] ?? "")))))))));
}

async function change(name, request, done) {
  try {
    await call(name, request);
    $("#rules-problem").textContent = "";
    say(done);
  } catch (error) {
    $("#rules-problem").textContent = error.message;
  }
  poller.schedule(0);
}
