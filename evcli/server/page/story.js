// The story of an event: the event, then bus → rule → target → attempts, and why not.

import { call } from "/_evcli/page/api.js";
import { $, badge, button, copy, el, formatJson, pre, redraw, say, time } from "/_evcli/page/dom.js";
import { link } from "/_evcli/page/playground.js";

// How the rules begin that feed archives.
const ARCHIVE = "Events-Archive-";
const host = $("#story");
let shown = null; // key of the event that is told
let text = ""; // of the answer, so that the same one is not drawn again
let actions = null; // {close, select}, of the list

export function forgetStory() {
  shown = null;
  text = "";
  host.replaceChildren(el("p", { class: "empty" }, "Select an event to see what became of it."));
}

export async function showStory(key, given = actions) {
  actions = given;
  if (shown !== key) {
    text = "";
    host.replaceChildren();
  }
  shown = key;
  let story;
  try {
    story = await call("story", { Key: key });
  } catch (error) {
    if (shown === key) host.replaceChildren(el("p", { class: "problem", role: "alert" }, error.message));
    return;
  }
  const answer = JSON.stringify(story);
  // Somebody may have selected another one meanwhile.
  if (shown !== key || text === answer) return;
  text = answer;
  redraw(host, drawStory(story));
}

function drawStory(story) {
  const event = JSON.parse(story.Text);
  const arrival = story.Arrivals[0];
  return [
    el("p", { class: "back" }, button("← Back to the list", () => actions.close())),
    el("h2", {}, event["detail-type"], el("small", {}, ` from ${event.source}`)),
    el("dl", { class: "facts" }, fact("id", story.EventId), fact("accepted", time(arrival.AcceptedAt, { day: true })),
      fact("account", `${arrival.Account} ${arrival.Region}`)),
    el("div", { class: "actions" },
      button("Send again", () => sendAgain(story.Key)),
      el("a", { class: "button", href: link({ e: story.Text, p: asPattern(event), b: arrival.EventBusName }) }, "Open in playground"),
      button("Copy as command", () => copy(asCommand(story, event), "the command")),
      button("Copy as test case", () => copy(asTestCase(story, event), "the test case")),
      button("Copy JSON", () => copy(story.Text, "the event"))),
    ...story.Arrivals.map(drawArrival),
    el("h3", {}, "Event"),
    pre(story.Text),
  ];
}

const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));

function drawArrival(arrival) {
  const missed = arrival.Rules.filter((rule) => !rule.Matched);
  const byRule = new Map(arrival.Rules.filter((rule) => rule.Matched).map((rule) => [rule.Name, []]));
  for (const delivery of arrival.Deliveries) {
    const name = delivery.RuleArn.split("/").at(-1);
    if (!byRule.has(name)) byRule.set(name, []);
    byRule.get(name).push(delivery);
  }
  const reason = arrival.Reason ? el("p", { class: "reason" }, `○ ${arrival.Reason}`) : null;
  return el("section", { class: "arrival", "aria-label": `On event bus ${arrival.EventBusName}` },
    el("h3", {}, "Bus ", el("span", { class: "code" }, arrival.EventBusName)),
    reason,
    el("ul", { class: "tree" }, [...byRule].map(([name, deliveries]) => drawRule(name, deliveries))),
    missed.length ? drawMissed(arrival.EventBusName, missed, byRule.size === 0) : null,
    arrival.MoreRules ? el("p", { class: "reason" }, `${arrival.MoreRules} more rules were not looked at here; evcli local trace does.`) : null);
}

function drawRule(name, deliveries) {
  const nothing = name.startsWith(ARCHIVE) ? " kept by the archive" : " no delivery to a target";
  return el("li", {},
    el("span", { class: "yes" }, "✓ rule "), el("strong", {}, name),
    deliveries.length ? el("ul", { class: "tree" }, deliveries.map(drawDelivery)) : el("span", { class: "reason" }, nothing));
}

function drawMissed(bus, missed, isOpen) {
  const lines = missed.map((rule) => el("li", {}, el("span", { class: "no" }, "✗ "), el("strong", {}, rule.Name), el("div", { class: "reason" }, rule.Reason)));
  const title = missed.length === 1 ? "1 rule did not match" : `${missed.length} rules did not match`;
  return el("details", { open: isOpen, "data-id": `missed ${bus}` }, el("summary", {}, title), el("ul", { class: "tree" }, lines));
}

function drawDelivery(delivery) {
  const attempts = (delivery.AttemptLog ?? []).map((attempt) =>
    el("li", {}, `attempt ${attempt.Number} `, time(attempt.AttemptedAt),
      el("span", { class: attempt.ErrorCode ? "error" : "yes" }, ` ${attempt.ErrorCode ?? "delivered"}`),
      attempt.ErrorMessage ? el("div", { class: "error" }, attempt.ErrorMessage) : null,
      attempt.Output ? pre(attempt.Output) : null));
  const isSpoken = attempts.length > 0 || !delivery.ErrorCode;
  return el("li", { class: "delivery" },
    el("div", { class: "delivery-head" },
      badge(delivery.State),
      el("span", { class: "code" }, delivery.TargetArn),
      delivery.DeadLetterOf ? el("span", { class: "reason" }, "dead letter") : null,
      button("Redeliver", () => redeliver(delivery.DeliveryId), { "aria-label": `Redeliver to ${delivery.TargetId}`, "data-id": `redeliver ${delivery.DeliveryId}` })),
    isSpoken ? null : el("p", { class: "error" }, `${delivery.ErrorCode} ${delivery.ErrorMessage ?? ""}`),
    delivery.NextAttemptAt ? el("p", { class: "reason" }, "next attempt ", time(delivery.NextAttemptAt)) : null,
    attempts.length ? el("ol", { class: "attempts" }, attempts) : null,
    delivery.Payload ? el("details", { "data-id": `payload ${delivery.DeliveryId}` }, el("summary", {}, "Payload"), pre(delivery.Payload)) : el("span", { class: "reason" }, "payload: the event"),
    delivery.DeadLetters ? el("ul", { class: "tree" }, delivery.DeadLetters.map(drawDelivery)) : null);
}

// -- buttons

async function attempt(act) {
  try {
    await act();
  } catch (error) {
    say(error.message);
  }
}

function sendAgain(key) {
  return attempt(async () => {
    const sent = await call("send-again", { Key: key });
    say(`Sent again as ${sent.EventId}.`);
    actions.select(sent.Key);
  });
}

function redeliver(id) {
  return attempt(async () => {
    const { Deliveries } = await call("redeliver", { DeliveryId: id });
    say(Deliveries.map((each) => `Delivery ${each.DeliveryId}: ${each.State.toLowerCase()}.`).join(" ") || "It is being attempted already.");
    await showStory(shown);
  });
}

// -- as text for elsewhere

const quote = (value) => `'${value.replaceAll("'", "'\\''")}'`;

// The member's text as it was written; JSON.parse would cost numbers their digits.
function cutMember(whole, name) {
  const marker = `"${name}":`;
  const start = whole.lastIndexOf(marker, whole.indexOf('"detail":') < 0 ? 0 : whole.indexOf('"detail":'));
  return whole.slice(start + marker.length, whole.length - 1).trim();
}

const asPattern = (event) => formatJson(JSON.stringify({ source: [event.source], "detail-type": [event["detail-type"]] }));

function asCommand(story, event) {
  const bus = story.Arrivals[0].EventBusName;
  if (event.source.startsWith("aws.")) {
    return `printf %s ${quote(story.Text)} | evcli local send - --event-bus-name ${quote(bus)}\n`;
  }
  const entry = { Source: event.source, DetailType: event["detail-type"], Detail: cutMember(story.Text, "detail"), EventBusName: bus };
  if (event.resources?.length) entry.Resources = event.resources;
  return `evcli put-events --entries ${quote(JSON.stringify([entry]))}\n`;
}

// YAML, of which JSON is a part; a list item for `tests` in a *.evtest.yaml file.
function asTestCase(story, event) {
  const arrival = story.Arrivals[0];
  const rules = arrival.Rules.filter((rule) => rule.Matched && !rule.Name.startsWith(ARCHIVE)).map((rule) => rule.Name);
  return [
    `- name: ${JSON.stringify(`${event["detail-type"]} from ${event.source}`)}`,
    `  bus: ${JSON.stringify(arrival.EventBusName)}`,
    `  event: ${story.Text}`,
    `  rules: ${JSON.stringify(rules)}`,
    "",
  ].join("\n");
}
