/** A swap may arrive this long before its lock ends, in ms (RULES.md 6). */
const EARLY_MS = 150;

/**
 * The run's clock as this page knows it: a lower bound of the server's.
 *
 * Every message that carries the run's clock left the server no later than it came here. So the server's clock minus
 * ours is at least what each such message shows, and the best estimate is the largest of them: the message that
 * travelled fastest. Whoever waits for a time on this clock never acts before the server's clock has reached it.
 *
 * The grace makes up for a line's whole round trip, up to 250 ms. Who is farther away would lose the rest with every swap,
 * but a swap may come up to 150 ms early (RULES.md 6): by so much sooner than this clock says it may leave.
 */
export class RunClock {
  #now;
  #offset_ms = -Infinity;
  #roundTrip_ms = Infinity;
  #sent_ms = null;

  /** @param {() => number} now a monotonic clock, ms */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Forget everything: another run has another clock, and so has one that a restart has held up. */
  reset() {
    this.#offset_ms = -Infinity;
    this.#roundTrip_ms = Infinity;
    this.#sent_ms = null;
  }

  /** Whether any message has shown the run's clock yet. */
  get known() {
    return this.#offset_ms > -Infinity;
  }

  /** Take in that the run's clock had reached `server_clock_ms` when a message came at `received_ms` of ours. */
  observe(server_clock_ms, received_ms = this.#now()) {
    this.#offset_ms = Math.max(this.#offset_ms, server_clock_ms - received_ms);
  }

  /** Take in a message of the run, whichever it is; one that begins or resumes a run starts anew. */
  learn(message, received_ms = this.#now()) {
    const shown = CLOCK_OF[message.type];
    if (!shown) return;
    if (shown.anew) this.reset();
    this.observe(shown.clock_ms(message), received_ms);
    if (message.type === "MOVED" && this.#sent_ms !== null) {
      this.#roundTrip_ms = Math.min(this.#roundTrip_ms, received_ms - this.#sent_ms);
      this.#sent_ms = null;
    }
  }

  /** Note that a swap leaves now: its reply shows how long the line is. */
  sent() {
    this.#sent_ms = this.#now();
  }

  /** The run's clock now, ms since T0 (negative in the countdown); NaN while unknown. */
  ms() {
    return this.known ? this.#now() + this.#offset_ms : NaN;
  }

  /** How long to wait until the run's clock reaches `clock_ms`; 0 when it has, Infinity while unknown. */
  until_ms(clock_ms) {
    return this.known ? Math.max(0, clock_ms - this.ms()) : Infinity;
  }

  /** How long to wait until a swap may leave that shall count from the end of this lock on. */
  until_open_ms(lock_end_ms, grace_ms) {
    const beyond_ms = Number.isFinite(this.#roundTrip_ms) ? this.#roundTrip_ms - grace_ms : 0;
    return this.until_ms(lock_end_ms - Math.min(Math.max(beyond_ms, 0), EARLY_MS));
  }
}

/** Which messages show the run's clock, and where. */
const CLOCK_OF = {
  HEAT: { anew: true, clock_ms: (message) => -message.wait_ms },
  STARTED: { anew: true, clock_ms: (message) => -message.countdown_ms },
  BEGIN: { anew: false, clock_ms: () => 0 },
  MOVED: { anew: false, clock_ms: (message) => message.t_arr },
  RESUMED: { anew: true, clock_ms: (message) => message.clock_ms },
};
