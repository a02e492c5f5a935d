// A text area with a mark in it: a layer behind it has the same text, and the mark.

import { $, button, el } from "/_evcli/page/dom.js";

let count = 0;

export class Editor {
  // `change` is called at every edit; `rows` is the least height; what is not
  // `isLabelled` has a heading that says the same.
  constructor(host, label, { rows = 12, isLabelled = false, change = () => {} } = {}) {
    const id = `editor-${(count += 1)}`;
    this.layer = el("pre", { class: "layer", "aria-hidden": "true" });
    this.area = el("textarea", {
      id, rows, spellcheck: "false", wrap: "off", autocapitalize: "off", autocomplete: "off",
      "aria-label": isLabelled ? null : label, "aria-describedby": `${id}-problem`, input: change, scroll: () => this.follow(),
    });
    this.problem = el("div", { id: `${id}-problem`, class: "problem", role: "alert" });
    if (isLabelled) $(host).append(el("label", { for: id }, label));
    $(host).append(el("div", { class: "editor" }, this.layer, this.area), this.problem);
  }

  get value() {
    return this.area.value;
  }

  set value(text) {
    this.area.value = text;
    this.clear();
  }

  clear() {
    this.layer.replaceChildren();
    this.problem.replaceChildren();
    this.area.removeAttribute("aria-invalid");
  }

  // Say what is wrong; with a line and a column the token that ends there is marked.
  complain(message, line = null, column = null) {
    this.clear();
    this.area.setAttribute("aria-invalid", "true");
    if (line !== null) {
      const end = this.find(line, column);
      const start = findTokenStart(this.value, end);
      const marked = el("mark", { "data-line": line, "data-column": column }, this.value.slice(start, Math.max(end, start + 1)) || " ");
      this.layer.append(this.value.slice(0, start), marked, `${this.value.slice(Math.max(end, start + 1))}\n`);
      this.follow();
      const go = () => {
        this.area.focus();
        this.area.setSelectionRange(start, end);
      };
      this.problem.append(button(`Line ${line}, column ${column}`, go), " ");
    }
    this.problem.append(message);
  }

  // Where a line and a column are, both from 1, in the text.
  find(line, column) {
    const before = this.value.split("\n").slice(0, line - 1);
    const start = before.reduce((sum, each) => sum + each.length + 1, 0);
    return Math.min(start + column - 1, this.value.length);
  }

  follow() {
    this.layer.scrollTop = this.area.scrollTop;
    this.layer.scrollLeft = this.area.scrollLeft;
  }
}

// The service says where it stopped reading: right behind the token that it did not like,
// or behind the beginning of the value that has an unknown name.
function findTokenStart(text, end) {
  const head = text.slice(0, end);
  const token = /"(?:[^"\\\n]|\\.)*"\s*:\s*["[{]?$|"(?:[^"\\\n]|\\.)*"$|[\w.+-]+$|[^\s]$/.exec(head);
  return token ? token.index : Math.max(end - 1, 0);
}
