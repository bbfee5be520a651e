/**
 * What the live digests cover, recomputed from the counts that were published (RULES.md 7).
 *
 * A digest binds what phones all over the hall hold. It only helps if nothing can stand beside it: a run that no digest covers
 * could have been invented afterwards.
 */

import { equal } from "./bytes.js";
import { liveDigest } from "./digest.js";
import { byId } from "./merkle.js";
import { notice, Refuted } from "./report.js";

/** A finished run that lasted so long must stand in a digest: they go out every second, and a server may stall. */
const UNCOVERED_MS_MAX = 3000;

const TICK_MS = 1000;

/** How far logs and digests may be apart before it is said: a commit waits for a slow disk now and then. */
const STEP_TOLERANCE_MS = 3000;

/**
 * What counts say about a run that was played again: `{where, owner, first, heads, played}`, from digest `first` on one
 * `{count, head}` each. `played` is null for a run that was still in play.
 *
 * @throws {Refuted} more events than the log has
 */
export function coveredBy(where, owner, played, first, counts) {
  if (counts.some((count) => count > played.eventCount)) throw new Refuted("live", where, "a digest covers more events than the log has");
  return { where, owner, first, heads: counts.map((count) => ({ count, head: played.heads[count] })), played };
}

/**
 * Recomputes every digest; `runs` in the order in which digests cover them. Yields nothing between them, to be taken in slices.
 *
 * @throws {Refuted} a number out of order, a count that falls, a digest that comes out otherwise, a run that none covers
 */
export function* checkDigests(event, heat, where, live, runs) {
  live.slice(1).forEach(({ k }, place) => {
    if (k <= live[place].k) throw new Refuted("live", where, `digest ${k} stands after digest ${live[place].k}`);
  });
  const chains = live.map(() => []);
  for (const run of runs) {
    checkRun(run, live.length);
    run.heads.forEach(({ count, head }, place) => chains[run.first + place].push({ eventCount: count, head }));
  }
  for (const [place, { k, digest }] of live.entries()) {
    if (!equal(liveDigest({ event, heat, k, chains: chains[place] }), digest)) {
      throw new Refuted("live", where, `digest ${k} is not the hash over the runs that it covered`);
    }
    yield { kind: "breath" };
  }
}

/**
 * Holds that nobody was in two solo runs at once; the digest after a run's END may cover the next one, too.
 *
 * @throws {Refuted} two runs of a player overlap
 */
export function checkOneAtATime(runs) {
  const byPlayer = new Map();
  for (const { played, heads, first, where } of runs) {
    if (played === null) continue;
    const until = first + heads.filter(({ count }) => count < played.eventCount).length;
    if (!byPlayer.has(played.player)) byPlayer.set(played.player, []);
    byPlayer.get(played.player).push({ first, until, where });
  }
  for (const [player, spans] of byPlayer) {
    spans.sort((a, b) => a.first - b.first || a.until - b.until || byId(a.where, b.where));
    for (const [place, next] of spans.slice(1).entries()) {
      if (next.first < spans[place].until) throw new Refuted("live", next.where, `player ${player} was in ${spans[place].where} at the same time`);
    }
  }
}

/**
 * What people should know: silence, ends that no digest covers, clocks out of step.
 *
 * @param {Map<string, number> | null} t0UnixMs of each run in open play, where digests are numbered by Unix seconds; null in a heat,
 *   where they are numbered by seconds of its clock
 */
export function coverageNotices(where, live, runs, t0UnixMs) {
  const found = silences(where, live, runs);
  for (const run of runs) {
    if (run.played === null) continue;
    found.push(...unwitnessed(run, live.length));
    found.push(...outOfStep(run, live, t0UnixMs === null ? 0 : t0UnixMs.get(run.played.run), t0UnixMs === null));
  }
  return found;
}

function checkRun({ where, first, heads, played }, digestCount) {
  if (first + heads.length > digestCount) throw new Refuted("live", where, "is covered by digests that were never sent");
  for (const [place, after] of heads.slice(1).entries()) {
    const before = heads[place];
    if (after.count < before.count || (after.count === before.count && !equal(after.head, before.head))) {
      throw new Refuted("live", where, "a later digest covers less, or other, events than an earlier one");
    }
  }
  if (played !== null && heads.length === 0 && played.end.t >= UNCOVERED_MS_MAX) {
    throw new Refuted("live", where, `lasted ${played.end.t} ms, and no live digest covers it`);
  }
}

/** The gaps between digests in which some run was in play on both sides. */
function silences(where, live, runs) {
  const bridged = new Array(live.length + 1).fill(0); // how many runs begin minus how many stop to span the gap after each digest
  for (const { first, heads } of runs) {
    if (heads.length < 2) continue;
    bridged[first] += 1;
    bridged[first + heads.length - 1] -= 1;
  }
  let inPlay = 0;
  return live.slice(1).flatMap(({ k }, place) => {
    inPlay += bridged[place];
    const gapMs = (k - live[place].k) * TICK_MS;
    if (inPlay === 0 || gapMs <= STEP_TOLERANCE_MS) return [];
    const text = `no live digest for ${Math.floor(gapMs / 1000)} s after digest ${live[place].k}, though runs were in play`;
    return [notice("silent", where, gapMs, text)];
  });
}

function unwitnessed({ where, first, heads, played }, digestCount) {
  const missing = played.eventCount - (heads.at(-1)?.count ?? 0);
  if (missing === 0 || first + heads.length >= digestCount) return [];
  return [notice("unwitnessed", where, played.end.t, `the last ${missing} events stand in no live digest`)];
}

/**
 * Compares when events were written with when digests first had them. The clock of a solo run stands while the server is away and the
 * Unix clock does not: only what lies before can be compared.
 */
function outOfStep({ where, first, heads, played }, live, t0Ms, isOneClock) {
  const { arrivedMs, awayMs, eventCount } = played;
  const untilMs = isOneClock ? Infinity : (awayMs[0] ?? Infinity);
  let worst = 0;
  for (const [place, { count }] of heads.entries()) {
    const nowMs = live[first + place].k * TICK_MS - t0Ms;
    if (nowMs >= untilMs || (count > 0 && arrivedMs[count - 1] >= untilMs)) break;
    if (count > 0) worst = Math.max(worst, arrivedMs[count - 1] - nowMs - TICK_MS);
    if (count < eventCount) worst = Math.max(worst, nowMs - arrivedMs[count]);
  }
  if (worst <= STEP_TOLERANCE_MS) return [];
  return [notice("out_of_step", where, worst, `log and live digests are ${worst} ms apart: the server was slow, or a clock was set`)];
}
