/** Open play and its runs, each checked on its own (PROOF.md 7). */

import { equal } from "./bytes.js";
import { checkDigests, checkOneAtATime, coverageNotices, coveredBy } from "./coverage.js";
import { chainStart } from "./log.js";
import { byId, leafOf, rootOfPath } from "./merkle.js";
import { play } from "./played.js";
import { soloPublicFault } from "./publics.js";
import { notice, Refuted } from "./report.js";
import { awayAt, checkCommit, checkResults, checkRising, checkRows, checkSignedRoot, checkVoidHasAnAct, mayStand, OPEN_PLAY, passed } from "./ground.js";
import { seedOf } from "./seeds.js";
import { standingsOf } from "./standings.js";
import { SeededTiles } from "./streams.js";

export const SOLO_PREFIX = "run-";
const UNFROZEN = Object.freeze({ t0UnixMs: 0, rosterHash: new Uint8Array(0) });

/**
 * Checks open play: every run, the root, the digests, the standings of every course.
 *
 * @returns {{part: object, played: object[], notices: object[]}}
 * @throws {Refuted} the first thing that is wrong
 */
export function* checkOpen(ground, part) {
  const where = "open play";
  checkRising("complete", where, "runs", part.runs.map(({ run }) => run));
  checkRising("complete", where, "runs in play", part.in_play.map(({ run }) => run));
  const finished = new Set(part.runs.map(({ run }) => run));
  const twice = part.in_play.map(({ run }) => run).filter((run) => finished.has(run));
  if (twice.length > 0) throw new Refuted("complete", `run ${twice[0]}`, "is finished and in play at once");
  const played = [];
  for (const run of part.runs) played.push(yield* checkSolo(ground, run));
  checkLimit(part);
  checkResults(ground, OPEN_PLAY, where, part.results, played.map((run) => soloLeaf(run)), UNFROZEN);
  yield passed("results", where);
  const witnessed = openCoverage(part, played).sort((a, b) => byId(a.owner, b.owner));
  yield* checkDigests(ground.event, OPEN_PLAY, where, part.live, witnessed);
  checkOneAtATime(witnessed);
  yield passed("live", where);
  const courses = [...ground.courses.keys()].sort(byId);
  if (part.standings.map(({ course }) => course).join() !== courses.join()) {
    throw new Refuted("standings", where, `not the standings of ${courses.join(", ")}`);
  }
  for (const shown of part.standings) {
    const counted = played.filter((_, place) => part.runs[place].course === shown.course);
    checkRows("standings", `${where}, ${shown.course}`, shown.rows, standingsOf(mayStand(ground, counted)));
    yield passed("standings", `${where}, ${shown.course}`);
  }
  const t0 = new Map(part.runs.map(({ run, t0_unix_ms: t0UnixMs }) => [run, t0UnixMs]));
  return { part, played, notices: [...soloAbsences(played), ...coverageNotices(where, part.live, witnessed, t0)] };
}

/** A finished solo run as it can be played again, once its promise has been recomputed. */
export function soloRun(ground, run) {
  const where = `run ${run.run}`;
  if (!run.run.startsWith(SOLO_PREFIX)) throw new Refuted("run", where, `a solo run's id begins with ${SOLO_PREFIX}`);
  const course = checkCommit(ground, where, { ...run, name: run.run, scope: "heat" });
  const fault = soloPublicFault(run.public);
  if (fault !== null) throw new Refuted("public", where, fault);
  const { event, rulesHash } = ground;
  const seed = seedOf({ serverSeed: run.server_seed, event, heat: run.run, publicPart: run.public });
  const { player, commit, t0_unix_ms: t0UnixMs, grace_ms: graceMs, events: payloads } = run;
  const start = chainStart({ event, heat: run.run, player, commit, rulesHash, t0UnixMs, graceMs });
  return { where, run: run.run, player, course, tiles: new SeededTiles(seed), start, graceMs, payloads };
}

/**
 * Checks a finished solo run by itself: promise, seed, log.
 *
 * @throws {Refuted} the first thing that is wrong
 */
export function* checkSolo(ground, run) {
  const published = soloRun(ground, run);
  yield passed("commit", published.where);
  yield passed("public", published.where);
  const played = yield* play(published);
  checkVoidHasAnAct(ground, played, null);
  yield passed("replay", published.where);
  yield passed("run", published.where);
  return played;
}

/**
 * Checks that a run's leaf lies below the signed root of open play.
 *
 * @throws {Refuted} it does not, or nobody has signed the root
 */
export function checkSoloResult(ground, played, { index, hashes }, signed) {
  const found = rootOfPath(soloLeaf(played), index, signed.tree_size, hashes);
  if (found === null || !equal(found, signed.root)) throw new Refuted("results", played.where, "its path does not lead to the root");
  checkSignedRoot(ground, OPEN_PLAY, "open play", signed, UNFROZEN);
}

const soloLeaf = (run) => leafOf({ ...run, id: run.run });

function openCoverage(part, played) {
  const finished = part.runs.map(({ live }, place) => coveredBy(played[place].where, played[place].run, played[place], live.first, live.counts));
  const inPlay = part.in_play.map(({ run, first, heads }) => ({ where: `run ${run}`, owner: run, first, heads, played: null }));
  return [...finished, ...inPlay];
}

function checkLimit({ runs_max: most, runs }) {
  if (most === null) return;
  const started = new Map();
  for (const { player } of runs) started.set(player, (started.get(player) ?? 0) + 1);
  for (const [player, count] of started) {
    if (count > most) throw new Refuted("run", "open play", `player ${player} has started ${count} runs where ${most} are allowed`);
  }
}

/** Every time the server was away while one of these solo runs was in play. */
export const soloAbsences = (played) =>
  played.flatMap(({ where, awayMs }) => awayMs.map((t) => notice("away", where, t, `the server was away; the run's clock went on at ${awayAt(t)}`)));
