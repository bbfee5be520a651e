import assert from "node:assert/strict";
import test from "node:test";

import { RunClock } from "../../client/web/js/state/clock.js";

function clockAt(start_ms = 5000) {
  const time = { ms: start_ms };
  return { time, clock: new RunClock(() => time.ms) };
}

test("before any message nothing is known, and nothing is ever due", () => {
  const { clock } = clockAt();
  assert.deepEqual([clock.known, clock.ms(), clock.until_ms(0)], [false, NaN, Infinity]);
});

test("the countdown runs to zero on our own clock", () => {
  const { clock, time } = clockAt();
  clock.learn({ type: "STARTED", countdown_ms: 3000 });
  assert.equal(clock.ms(), -3000);
  time.ms += 2000;
  assert.deepEqual([clock.ms(), clock.until_ms(0)], [-1000, 1000]);
});

test("a message that travelled faster corrects the clock forwards, a slower one changes nothing", () => {
  const { clock, time } = clockAt();
  clock.learn({ type: "STARTED", countdown_ms: 3000 }); // was 200 ms on its way
  time.ms += 2900;
  clock.learn({ type: "BEGIN" }); // and this one 100 ms: T0 came while our clock said -100
  assert.equal(clock.ms(), 0);
  time.ms += 1000;
  clock.learn({ type: "MOVED", t_arr: 500 });
  assert.equal(clock.ms(), 1000);
});

test("whatever the delays, it never runs ahead of the server", () => {
  const delays = [180, 40, 900, 15, 60, 300, 15, 22];
  const { clock, time } = clockAt(123_456);
  let server_ms = -3000;
  for (const [index, delay_ms] of delays.entries()) {
    const said = index === 0 ? { type: "STARTED", countdown_ms: 3000 } : { type: "MOVED", t_arr: server_ms };
    server_ms += delay_ms;
    time.ms += delay_ms;
    clock.learn(said);
    assert.ok(clock.ms() <= server_ms);
    server_ms += 700;
    time.ms += 700;
  }
  assert.equal(server_ms - clock.ms(), Math.min(...delays));
});

test("a resume starts anew: a restart has held the run's clock up", () => {
  const { clock, time } = clockAt();
  clock.learn({ type: "BEGIN" });
  time.ms += 30_000;
  clock.learn({ type: "RESUMED", clock_ms: 12_000 });
  assert.equal(clock.ms(), 12_000);
});

test("another run has another clock", () => {
  const { clock, time } = clockAt();
  clock.learn({ type: "BEGIN" });
  time.ms += 30_000;
  clock.learn({ type: "STARTED", countdown_ms: 3000 });
  assert.equal(clock.ms(), -3000);
  clock.reset();
  assert.equal(clock.known, false);
});

test("a message can have come earlier than it is taken in", () => {
  const { clock, time } = clockAt();
  time.ms = 6000;
  clock.learn({ type: "BEGIN" }, 5900);
  assert.equal(clock.ms(), 100);
});

test("other messages show no clock", () => {
  const { clock } = clockAt();
  clock.learn({ type: "ENDED", t: 90_000 });
  assert.equal(clock.known, false);
});

test("a line longer than its grace lets a swap leave by so much sooner", () => {
  const { clock, time } = clockAt();
  clock.learn({ type: "BEGIN" });
  assert.equal(clock.until_open_ms(1000, 250), 1000); // nothing has been answered yet
  clock.sent();
  time.ms += 310;
  clock.learn({ type: "MOVED", t_arr: 310 });
  assert.equal(clock.until_open_ms(1000, 250), 690 - 60);
  assert.equal(clock.until_open_ms(1000, 400), 690);
  assert.equal(clock.until_open_ms(1000, 40), 690 - 150); // the most that the rules forgive
  clock.learn({ type: "RESUMED", clock_ms: 310 }); // another line
  assert.equal(clock.until_open_ms(1000, 250), 690);
});
