// All that talks to the server: calls under /_evcli/, and asking once a second.

import { $ } from "/_evcli/page/dom.js";

const token = $('meta[name="evcli-token"]').content;
const EVERY_MS = 1000;
// A server that answers slowly is asked less often: at most this share of the time.
const SHARE = 10;
const TRIES = 5;
const BUSY = 503;

export class CallError extends Error {
  constructor(error, status) {
    super([error.Message, error.Advice].filter(Boolean).join(" "));
    Object.assign(this, { line: error.Line, column: error.Column, status });
  }
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Ask the server something; calls that write carry the token of this page.
export async function call(name, request = {}) {
  for (let tried = 1; ; tried += 1) {
    const response = await fetch(`/_evcli/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Evcli-Token": token },
      body: JSON.stringify(request),
    });
    if (response.status === BUSY && tried < TRIES) {
      await wait(200 * tried * (1 + Math.random()));
      continue;
    }
    const value = await response.json();
    if (response.ok) return value;
    throw new CallError(value.Error ?? { Message: value.message ?? response.statusText }, response.status);
  }
}

// Asks again and again while it is wanted and the page can be seen.
export class Poller {
  constructor(ask) {
    this.ask = ask;
    this.isWanted = false;
    this.isAsking = false;
    document.addEventListener("visibilitychange", () => this.schedule(0));
  }

  start() {
    this.isWanted = true;
    this.schedule(0);
  }

  stop() {
    this.isWanted = false;
    clearTimeout(this.timer);
    showConnection("", "");
  }

  schedule(milliseconds) {
    clearTimeout(this.timer);
    if (this.isWanted && !document.hidden) this.timer = setTimeout(() => this.run(), milliseconds);
  }

  async run() {
    if (this.isAsking) return;
    this.isAsking = true;
    const began = performance.now();
    try {
      await this.ask();
      showConnection("live", "● live");
    } catch (error) {
      const isAnswer = error instanceof CallError;
      showConnection("lost", isAnswer ? `▲ ${error.message}` : "▲ no answer from the server; trying on");
    }
    this.isAsking = false;
    if (!this.isWanted) showConnection("", "");
    const took = performance.now() - began;
    this.schedule(Math.max(EVERY_MS - took, SHARE * took));
  }
}

function showConnection(state, text) {
  const node = $("#connection");
  // A status that is written again is read out again.
  if (node.textContent === text) return;
  node.textContent = text;
  node.className = `connection ${state}`;
}
