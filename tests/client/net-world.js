/** A world for connections in which nothing happens by itself: sockets, time, chance and signals are moved by the test. */
import { decodeCommand, decodeMessage, encode } from "../../client/web/js/protocol/codec.js";
import { frame } from "./wire-vectors.js";

export class FakeSocket extends EventTarget {
  constructor(url, subprotocol) {
    super();
    Object.assign(this, { url, subprotocol, sent: [], closed: null });
  }

  send(bytes) {
    this.sent.push(decodeCommand(bytes));
  }

  close(code) {
    this.closed = code;
  }

  /** The last command that was sent. */
  get last() {
    return this.sent.at(-1);
  }

  accept() {
    this.dispatchEvent(new Event("open"));
  }

  /** The server sends a message. */
  say(message) {
    this.sayBytes(encode(message));
  }

  sayBytes(bytes) {
    const event = new Event("message");
    event.data = typeof bytes === "string" ? bytes : bytes.slice().buffer;
    this.dispatchEvent(event);
  }

  /** The server, or the network, ends the connection. */
  end(code) {
    const event = new Event("close");
    event.code = code;
    this.dispatchEvent(event);
  }

  /** The server answers the last command of a type. */
  reply(type, fields = {}, to = undefined) {
    const asked = to ? this.sent.findLast((command) => command.type === to) : this.last;
    this.say({ ...EXAMPLES[type], ...fields, type, req: asked.req });
  }
}

const example = (name) => decodeMessage(frame(name));

/** One of each message that a server may send, to be varied. */
export const EXAMPLES = {
  WELCOME: example("welcome-stranger"),
  PONG: example("pong"),
  JOINED: example("joined"),
  DONE: example("done"),
  PREPARED: example("prepared"),
  WATCHING: example("watching"),
  REJECT: example("reject-early"),
  BEGIN: example("begin"),
  MOVED: example("moved"),
  STATUS: example("status-cannot-record"),
  SNAPSHOT: example("snapshot"),
  DELTA: example("delta"),
  RESYNC: example("resync"),
};

export class FakeWorld {
  sockets = [];
  signals = new EventTarget();
  chance = 1;
  now_ms = 0;
  #timers = new Map();
  #timer_count = 0;

  constructor() {
    const world = this;
    this.WebSocket = class extends FakeSocket {
      constructor(...parameters) {
        super(...parameters);
        world.sockets.push(this);
      }
    };
  }

  random = () => this.chance;

  setTimeout = (act, wait_ms) => {
    this.#timer_count += 1;
    this.#timers.set(this.#timer_count, { act, due_ms: this.now_ms + wait_ms });
    return this.#timer_count;
  };

  clearTimeout = (timer) => {
    this.#timers.delete(timer);
  };

  /** The newest socket. */
  get socket() {
    return this.sockets.at(-1);
  }

  /** Let time pass; what is due happens in its order. */
  pass(span_ms) {
    const end_ms = this.now_ms + span_ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { due_ms }]) => due_ms <= end_ms);
      if (due.length === 0) break;
      const [timer, { act, due_ms }] = due.reduce((a, b) => (b[1].due_ms < a[1].due_ms ? b : a));
      this.#timers.delete(timer);
      this.now_ms = due_ms;
      act();
    }
    this.now_ms = end_ms;
  }

  signal(name) {
    this.signals.dispatchEvent(new Event(name));
  }

  get timer_count() {
    return this.#timers.size;
  }
}
