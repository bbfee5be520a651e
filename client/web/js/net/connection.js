/**
 * One page's connection to the server: opens it, says hello, keeps it, and comes back when it is lost.
 *
 * States: `connecting` (since `start`, nothing is known yet) → `live` (welcome) ⇄ `lost` (coming back by itself) →
 * `stopped` (by `stop`, by a close that says "do not come back", or by a refused hello). Nothing is sent twice by itself:
 * what was under way when the connection went is told so (`Disconnected`), because only the page knows whether to repeat
 * it. Watched standings go on by themselves.
 *
 * Events: `state`, detail `{state, reason, retry_in_ms, reject}`; `welcome`, detail the WELCOME of every (re)connection;
 * `push`, detail a BEGIN, RESUMED, ENDED or STATUS; `unwatched`, detail `{standings, reject}`: a feed that could not be
 * taken up again.
 */
import { decodeMessage, encode } from "../protocol/codec.js";
import { Reject, UNKNOWN_OPCODE, closeName, reconnects } from "../protocol/codes.js";
import { HEARTBEAT_EVERY_MS } from "../protocol/limits.js";
import { FIRST_PUSH, OPCODES } from "../protocol/table.js";
import { Backoff } from "./backoff.js";
import { Feeds } from "./feeds.js";
import { Heartbeat } from "./heartbeat.js";
import { browser } from "./world.js";

const SUBPROTOCOL = "knack.v1";
const REQ_COUNT = 2 ** 32;
const WELCOME_WITHIN_MS = 10_000; // as long as the server waits for HELLO
const STEADY_MS = HEARTBEAT_EVERY_MS; // a connection that lasts so long ends a series of failures
const CLOSE_NORMAL = 1000;
const CLOSE_ABNORMAL = 1006; // what browsers report when no close frame came
const FEED_PUSHES = new Set(["SNAPSHOT", "DELTA", "RESYNC"]);
const SIGNALS = ["online", "offline", "visibilitychange"];

/** The connection went away, or was not there, before the reply came; the command may or may not have been carried out. */
export class Disconnected extends Error {
  constructor() {
    super("disconnected");
    this.name = "Disconnected";
  }
}

export class Connection extends EventTarget {
  #world;
  #url;
  #socket = null;
  #state = "stopped";
  #req = 0;
  #pending = new Map(); // req → what to do with the reply
  #feeds = new Feeds();
  #backoff;
  #heartbeat;
  #retry_timer;
  #steady_timer;
  #hello_timer;
  #on_signal = (event) => this.#check(event.type);

  /**
   * @param {{url: string, role: number, event?: string, token?: string}} hello `event` empty: the current one; `token`
   *   and `event` may be changed before `start`; a JOINED sets the token, a LEAVE clears it
   */
  constructor({ url, role, event = "", token = "" }, world = browser()) {
    super();
    this.#world = world;
    this.#url = url;
    this.role = role;
    this.event = event;
    this.token = token;
    this.#backoff = new Backoff(world.random);
    this.#heartbeat = new Heartbeat({
      world,
      ping: () => this.#send({ type: "PING" }),
      dead: () => this.#lose(CLOSE_ABNORMAL, "silent"),
    });
  }

  /** `connecting`, `live`, `lost` or `stopped`. */
  get state() {
    return this.#state;
  }

  /** Connect, and stay connected until `stop` or a close that forbids it. */
  start() {
    if (this.#state !== "stopped") return;
    for (const signal of SIGNALS) this.#world.signals.addEventListener(signal, this.#on_signal);
    this.#backoff.reset();
    this.#enter("connecting", {});
    this.#open();
  }

  /** Close, and do not come back. */
  stop() {
    if (this.#state !== "stopped") this.#end({ reason: "stopped" });
  }

  /**
   * Send a command, without its `req`, and await its reply.
   * @param {{type: string}} command such as `{type: 'JOIN', name}`
   * @returns {Promise<object>} the reply
   * @throws {Reject} the server refused; nothing has changed
   * @throws {Disconnected} there is no connection, or it went before the reply came
   */
  request(command) {
    if (this.#state !== "live") return Promise.reject(new Disconnected());
    return new Promise((resolve, reject) => {
      this.#ask(command, resolve, reject);
    });
  }

  /**
   * Keep standings up to date, now and after every reconnect.
   * @param {import('../state/standings.js').Standings} standings
   * @returns {Promise<object>} kept by the first WATCHING, broken by a Reject
   */
  watch(standings) {
    const watching = this.#feeds.add(standings);
    if (this.#state === "live") this.#ask_for(standings);
    return watching;
  }

  /** Keep standings up to date no longer. */
  unwatch(standings) {
    const feed = this.#feeds.remove(standings);
    if (feed !== null && this.#state === "live") this.#send({ type: "UNWATCH", feed });
  }

  // -- the socket ----------------------------------------------------------------------------------------------------

  #open() {
    const socket = new this.#world.WebSocket(this.#url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    const ours = (act) => (event) => {
      if (this.#socket === socket) act(event); // a socket given up may still speak
    };
    socket.addEventListener("open", ours(() => this.#say_hello()));
    socket.addEventListener("message", ours((event) => this.#receive(event.data)));
    socket.addEventListener("close", ours((event) => this.#lose(event.code, closeName(event.code))));
    this.#heartbeat.start(WELCOME_WITHIN_MS);
  }

  /** Let go of the socket and of all that hung on it. */
  #drop_socket() {
    const socket = this.#socket;
    this.#socket = null;
    this.#heartbeat.stop();
    for (const timer of [this.#retry_timer, this.#steady_timer, this.#hello_timer]) this.#world.clearTimeout(timer);
    this.#feeds.forget_numbers();
    socket?.close(CLOSE_NORMAL);
    const orphans = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of orphans) reject(new Disconnected());
  }

  /** The connection is gone: come back, or stop where the code says so. */
  #lose(code, reason) {
    if (!reconnects(code)) {
      this.#end({ reason });
      return;
    }
    this.#drop_socket();
    const retry_in_ms = this.#backoff.next_ms();
    this.#retry_timer = this.#world.setTimeout(() => this.#open(), retry_in_ms);
    this.#enter("lost", { reason, retry_in_ms });
  }

  #end(detail) {
    for (const signal of SIGNALS) this.#world.signals.removeEventListener(signal, this.#on_signal);
    this.#drop_socket();
    this.#enter("stopped", detail);
  }

  #enter(state, { reason = "", retry_in_ms = 0, reject = null }) {
    this.#state = state;
    this.#tell("state", { state, reason, retry_in_ms, reject });
  }

  /** The device says that something about its network changed. */
  #check(signal) {
    if (this.#state === "live") {
      this.#heartbeat.probe(); // even "offline" is only a hint: a server on this very machine stays in reach
    } else if (this.#socket === null && signal !== "offline") {
      this.#world.clearTimeout(this.#retry_timer);
      this.#open();
    }
  }

  // -- messages ------------------------------------------------------------------------------------------------------

  #say_hello() {
    const { role, event, token } = this;
    this.#ask(
      { type: "HELLO", role, event, token },
      (welcome) => this.#welcome(welcome),
      (error) => {
        if (!(error instanceof Reject)) return;
        if (error.may_retry) this.#hello_timer = this.#world.setTimeout(() => this.#say_hello(), error.wait_ms);
        else this.#end({ reason: error.reason, reject: error });
      },
    );
  }

  #welcome(welcome) {
    this.#steady_timer = this.#world.setTimeout(() => this.#backoff.reset(), STEADY_MS);
    const watched = this.#feeds.all(); // what listeners add from now on asks by itself
    this.#enter("live", {});
    this.#tell("welcome", welcome);
    for (const standings of watched) if (this.#feeds.has(standings)) this.#ask_for(standings);
  }

  #ask_for(standings) {
    const { course, view, epoch, version } = standings;
    this.#ask(
      { type: "WATCH", course, view, epoch, version },
      (reply) => {
        if (this.#feeds.has(standings)) this.#feeds.opened(standings, reply);
        else this.#send({ type: "UNWATCH", feed: reply.feed });
      },
      (error) => {
        if (!(error instanceof Reject)) return; // the next welcome asks again
        if (!this.#feeds.refused(standings, error)) this.#tell("unwatched", { standings, reject: error });
      },
    );
  }

  #ask(command, resolve, reject) {
    const req = this.#send(command);
    this.#pending.set(req, { type: command.type, resolve, reject });
  }

  #send(command) {
    this.#req = (this.#req + 1) % REQ_COUNT;
    this.#socket.send(encode({ ...command, req: this.#req }));
    this.#heartbeat.sent();
    return this.#req;
  }

  #receive(data) {
    const message = decodeMessage(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array());
    this.#heartbeat.heard();
    if (message.type === "MALFORMED") {
      // a later server may say more than we understand; what we should understand and cannot means: start afresh
      if (message.code !== UNKNOWN_OPCODE) this.#lose(CLOSE_ABNORMAL, "malformed");
    } else if (FEED_PUSHES.has(message.type)) {
      this.#feed(message);
    } else if (OPCODES.get(message.type) >= FIRST_PUSH) {
      this.#tell("push", message);
    } else {
      this.#reply(message);
    }
  }

  #feed(push) {
    const standings = this.#feeds.of(push);
    if (!standings || standings.apply(push)) return;
    standings.start_over();
    this.#ask_for(standings);
  }

  #reply(message) {
    const asked = this.#pending.get(message.req);
    if (!asked) return; // to our own PING or UNWATCH
    this.#pending.delete(message.req);
    if (message.type === "REJECT") {
      asked.reject(new Reject(message));
      return;
    }
    if (asked.type === "JOIN") this.token = message.token;
    if (asked.type === "LEAVE") this.token = "";
    asked.resolve(message);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
