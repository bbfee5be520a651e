/**
 * What the play page does with the server: joins, starts runs, sends swaps, comes back, leaves.
 *
 * It owns no element and draws nothing. The run's state is `run` (state/run.js), its clock is `clock` (state/clock.js); both
 * are fed here and nowhere else. What can be held against the server later goes to `held` (state/held-shelf.js). Events:
 * `player` after a change of who plays, `server` after a change of the connection (detail as the connection's `state`),
 * `recording` with detail true or false, `closed` when the event is over.
 */

import { ReplayMismatch } from "../game/board.js";
import { Disconnected } from "../net/connection.js";
import { Reject } from "../protocol/codes.js";
import { HeatPhase, Phase, Recording } from "../protocol/table.js";

const NONCE_BYTES = 16;
const HEAD_BYTES = 8;
const CONNECT_WITHIN_MS = 4000;
/** After these the page and the server disagree about the run; only a resume brings them together again. */
const OUT_OF_STEP = new Set(["out_of_order", "unknown_run", "not_your_run"]);

export class PlayFlow extends EventTarget {
  #connection;
  #session;
  #memory;
  #run;
  #clock;
  #heats;
  #held;

  /**
   * @param {object} parts
   * @param {{token: string}} parts.session what the device keeps of the session; setting the token stores it
   * @param {import("../state/heats.js").HeatBook} parts.heats what the page was told of the event's heats
   * @param {{run: string | null}} parts.memory which run this window was playing, kept over a reload
   * @param {import("../state/held-shelf.js").HeldShelf} parts.held
   */
  constructor({ connection, run, clock, session, memory, heats, held }) {
    super();
    this.#connection = connection;
    this.#run = run;
    this.#clock = clock;
    this.#session = session;
    this.#memory = memory;
    this.#heats = heats;
    this.#held = held;
    this.player = null;
    this.recording = true;
    connection.addEventListener("welcome", ({ detail }) => this.#welcome(detail));
    connection.addEventListener("push", ({ detail }) => this.#push(detail));
    connection.addEventListener("state", ({ detail }) => this.#server(detail));
  }

  /** Connects as who this device last was, or as nobody yet. */
  start() {
    this.#connection.token = this.#session.token;
    this.#connection.start();
  }

  /**
   * Starts a run: joins under `name` unless the session has a player, then lets the server commit and draws the nonce.
   *
   * @throws {Reject | Disconnected} nothing has started
   */
  async play({ course, name }) {
    await this.#live();
    if (!this.#run.take({ type: "ask", course })) return;
    try {
      if (this.player === null) await this.#join(name);
      const { run, commit } = await this.#connection.request({ type: "PREPARE", course });
      this.#held.prepared({ run, player: this.player.id, course, commit });
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      this.#held.nonce(run, nonce);
      const message = await this.#connection.request({ type: "START", run, nonce });
      this.#held.hear(message);
      this.#clock.learn(message);
      this.#memory.run = run;
      this.#run.take({ type: "started", message });
    } catch (error) {
      this.#run.take({ type: "refused" });
      throw error;
    }
  }

  /**
   * Sends a swap that the board allows.
   *
   * @param {(message: object) => Uint8Array} replayed plays the reply's tiles and says which board they lead to
   * @throws {Reject | Disconnected} the server did not take it, or nobody knows whether it did
   */
  async move(swap, replayed) {
    const { run, seq, head } = this.#run.now;
    this.#run.take({ type: "send", swap });
    try {
      this.#clock.sent();
      const message = await this.#connection.request({
        type: "MOVE", run, seq: seq + 1, head: head.slice(0, HEAD_BYTES), cell: swap.cell, direction: swap.direction,
      });
      this.#held.hear(message);
      this.#clock.learn(message);
      this.#run.take({ type: "moved", message, board: replayed(message) });
    } catch (error) {
      if (this.#run.now.run === run) this.#run.take({ type: "refused" });
      if (error instanceof ReplayMismatch || (error instanceof Reject && OUT_OF_STEP.has(error.reason))) this.#again();
      throw error;
    }
  }

  /**
   * Joins a heat's lobby, under `name` unless the session has a player.
   *
   * @throws {Reject | Disconnected} not in
   */
  async gather({ heat, name }) {
    await this.#live();
    if (this.player === null) await this.#join(name);
    await this.#connection.request({ type: "GATHER", heat });
  }

  /** Leaves the lobby. @throws {Reject | Disconnected} still in */
  async scatter() {
    await this.#connection.request({ type: "SCATTER" });
  }

  /** Goes back to the title, with the same player. */
  home() {
    this.#memory.run = null;
    this.#run.take({ type: "home" });
  }

  /** Ends the session, so that the next person at this device starts as nobody. */
  async leave() {
    this.home();
    try {
      await this.#connection.request({ type: "LEAVE" });
    } catch (error) {
      if (!(error instanceof Disconnected || error instanceof Reject)) throw error;
      this.#connection.token = ""; // offline: the device forgets, and that is what matters here
    }
    this.#forget();
    if (this.#connection.state === "stopped") this.start();
  }

  /** Waits for a connection that is on its way, but not longer than a person would. */
  #live() {
    if (this.#connection.state === "live") return undefined;
    return new Promise((resolve, reject) => {
      const give = setTimeout(() => reject(new Disconnected()), CONNECT_WITHIN_MS);
      const come = () => {
        clearTimeout(give);
        resolve();
      };
      this.#connection.addEventListener("welcome", come, { once: true });
    });
  }

  async #join(name) {
    const { player, name: taken, token } = await this.#connection.request({ type: "JOIN", name });
    this.#session.token = token;
    this.#become({ id: player, name: taken });
  }

  #become(player) {
    this.player = player;
    this.dispatchEvent(new Event("player"));
  }

  #forget() {
    this.#session.token = "";
    this.#become(null);
  }

  #welcome({ player, name }) {
    const before = this.player;
    this.#become(player === "" ? null : { id: player, name });
    if (this.player === null && before !== null) this.#run.take({ type: "home" });
  }

  #push(message) {
    this.#held.hear(message.type === "HEAT" ? { ...message, player: this.player?.id } : message);
    switch (message.type) {
      case "BEGIN":
        this.#clock.learn(message);
        this.#run.take({ type: "begin", message });
        break;
      case "RESUMED":
        this.#clock.learn(message);
        if (message.phase === Phase.WAITING) this.#clock.reset(); // it stands
        this.#memory.run = message.run;
        this.#run.take({ type: "resumed", message, heat: this.#heats.ofRun(message.run) });
        break;
      case "ENDED":
        // The server repeats how the last run ended after every welcome; it is news only for the window that played it.
        if (!this.#run.take({ type: "ended", message }) && this.#memory.run === message.run) {
          this.#run.take({ type: "endedAway", message, heat: this.#heats.ofRun(message.run) });
        }
        break;
      case "HEAT":
        this.#heats.take(message);
        if (message.phase === HeatPhase.COUNTDOWN && message.run !== "") {
          this.#clock.learn(message);
          this.#memory.run = message.run;
          this.#run.take({ type: "called", message });
        }
        break;
      case "CLOSED":
        this.dispatchEvent(new Event("closed"));
        break;
      case "STATUS":
        this.recording = message.state === Recording.AGAIN;
        this.dispatchEvent(new CustomEvent("recording", { detail: this.recording }));
        break;
      default: // LIVE: for those who hold it
    }
  }

  #server(detail) {
    if (detail.state !== "live") this.#run.take({ type: "lost" });
    if (detail.reason === "unknown_session" || detail.reason === "session_ended") {
      this.#forget();
      this.#connection.token = "";
      this.home();
      if (detail.reason === "unknown_session") this.#connection.start();
    }
    this.dispatchEvent(new CustomEvent("server", { detail }));
  }

  #again() {
    this.#connection.stop();
    this.#connection.start();
  }
}
