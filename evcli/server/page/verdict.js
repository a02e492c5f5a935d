// An explanation as a tree: what each condition wants, what is there, the nearest miss.

import { el, verdictMark } from "/_evcli/page/dom.js";

const MOST_VALUES = 5;

export function drawExplanation(explanation) {
  return drawPattern(explanation, null);
}

function drawPattern(pattern, name) {
  const parts = pattern.alternatives.map((alternative) => {
    const fields = el("ul", { class: "verdicts" }, alternative.fields.map(drawField));
    const note = alternative.note ? el("p", { class: "hint" }, alternative.note) : null;
    if (alternative.number === undefined) return [fields, note];
    return el("div", { class: "alternative" }, el("div", {}, verdictMark(alternative.matched), ` alternative ${alternative.number}`), fields, note);
  });
  if (name === null) return el("div", {}, parts);
  return el("li", {}, el("div", {}, verdictMark(pattern.matched), " ", el("strong", { class: "code" }, name)), parts);
}

function drawField(field) {
  if (field.alternatives) return drawPattern(field, "$or");
  const hint = field.nearestMiss ?? field.note;
  return el("li", {},
    el("div", { class: "condition" },
      verdictMark(field.matched ?? null),
      el("strong", { class: "code" }, field.field),
      el("span", { class: "code" }, JSON.stringify(field.constraint)),
      el("span", { class: "has" }, "event: ", el("span", { class: "code" }, describeValues(field)))),
    hint ? el("div", { class: "hint" }, hint) : null);
}

function describeValues(field) {
  if (!field.values.length) return field.container ? `an ${field.container}`.replace("an empty", "empty") : "absent";
  const shown = field.values.slice(0, MOST_VALUES).map((value) => JSON.stringify(value));
  const more = field.values.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
