/**
 * The run's clock as this page knows it: a lower bound of the server's.
 *
 * Every message that carries the run's clock left the server no later than it came here. So the server's clock minus
 * ours is at least what each such message shows, and the best estimate is the largest of them: the message that
 * travelled fastest. Whoever waits for a time on this clock never acts before the server's clock has reached it.
 */
export class RunClock {
  #now;
  #offset_ms = -Infinity;

  /** @param {() => number} now a monotonic clock, ms */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Forget everything: another run has another clock, and so has one that a restart has held up. */
  reset() {
    this.#offset_ms = -Infinity;
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
  }

  /** The run's clock now, ms since T0 (negative in the countdown); NaN while unknown. */
  ms() {
    return this.known ? this.#now() + this.#offset_ms : NaN;
  }

  /** How long to wait until the run's clock reaches `clock_ms`; 0 when it has, Infinity while unknown. */
  until_ms(clock_ms) {
    return this.known ? Math.max(0, clock_ms - this.ms()) : Infinity;
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
