/**
 * Whether the other side is still there. Scripts cannot see WebSocket ping frames, so a page asks by itself: PING when it
 * has sent nothing for 10 s, dead when nothing came for 20 s. When the device says that its network or the page's
 * visibility changed, a probe asks at once and allows 3 s: sockets that died while a phone slept look alive.
 */
import { HEARTBEAT_EVERY_MS, SILENCE_MS } from "../protocol/limits.js";

const PROBE_MS = 3000; // a round trip on a bad mobile network, with a retransmission

export class Heartbeat {
  #world;
  #ping;
  #dead;
  #ping_timer;
  #dead_timer;
  #probing = false;

  /** @param {{world: object, ping: () => void, dead: () => void}} actions what to do when it is time */
  constructor({ world, ping, dead }) {
    this.#world = world;
    this.#ping = ping;
    this.#dead = dead;
  }

  /** Begin to watch a fresh connection, which has `within_ms` to say its first word. */
  start(within_ms) {
    this.stop();
    this.#await_word(within_ms);
  }

  /** Watch no more. */
  stop() {
    this.#world.clearTimeout(this.#ping_timer);
    this.#world.clearTimeout(this.#dead_timer);
    this.#probing = false;
  }

  /** Something was sent: the next PING is due a whole interval later. */
  sent() {
    this.#world.clearTimeout(this.#ping_timer);
    this.#ping_timer = this.#world.setTimeout(() => this.#ping(), HEARTBEAT_EVERY_MS);
  }

  /** Something came: the other side is there. */
  heard() {
    this.#probing = false;
    this.#await_word(SILENCE_MS);
  }

  /** Ask at once, and do not wait long for the answer. */
  probe() {
    if (this.#probing) return;
    this.#probing = true;
    this.#await_word(PROBE_MS);
    this.#ping();
  }

  #await_word(within_ms) {
    this.#world.clearTimeout(this.#dead_timer);
    this.#dead_timer = this.#world.setTimeout(() => this.#dead(), within_ms);
  }
}
