/** A heat, checked from its promise to its standings (PROOF.md 7). */

import { equal } from "./bytes.js";
import { predecessors } from "./commitments.js";
import { checkDigests, coverageNotices, coveredBy } from "./coverage.js";
import { rosterHash } from "./digest.js";
import { chainStart } from "./log.js";
import { leafOf } from "./merkle.js";
import { CONNECTIONS_MAX } from "./numbers.js";
import { play } from "./played.js";
import { heatPublicFault } from "./publics.js";
import { notice, Refuted } from "./report.js";
import { awayAt, checkCommit, checkResults, checkRising, checkRows, checkVoidHasAnAct, mayStand, passed } from "./ground.js";
import { playerSeed, seedOf } from "./seeds.js";
import { standingsOf } from "./standings.js";
import { SeededTiles } from "./streams.js";

/**
 * Checks a heat.
 *
 * @param {Map<string, object>} promised the commitments by heat
 * @returns {{heat: object, rosterHash: Uint8Array, played: object[], results: object[], notices: object[]}} `results` are those of
 *   the runs that may stand
 * @throws {Refuted} the first thing that is wrong
 */
export function* checkHeat(ground, heat, promised) {
  const where = `heat ${heat.heat}`;
  const course = checkPromise(ground, heat, promised, where);
  yield passed("commit", where);
  checkOrderOfReruns(ground, heat.heat, promised, where);
  const fault = heatPublicFault(heat.public);
  if (fault !== null) throw new Refuted("public", where, fault);
  yield passed("public", where);
  checkRoster(heat, where);
  yield passed("roster", where);
  const played = [];
  for (const published of heatRuns(ground, heat, course)) {
    played.push(yield* play(published));
    yield passed("replay", published.where);
    yield passed("run", published.where);
  }
  checkAbsences(played);
  for (const run of played) checkVoidHasAnAct(ground, run, heat.heat);
  const frozen = { t0UnixMs: heat.t0_unix_ms, rosterHash: rosterHash(heat.roster) };
  checkResults(ground, heat.heat, where, heat.results, played.map((run) => leafOf({ ...run, id: run.player })), frozen);
  yield passed("results", where);
  const witnessed = heatCoverage(heat, played);
  yield* checkDigests(ground.event, heat.heat, where, heat.live, witnessed);
  yield passed("live", where);
  const results = ground.decisions.isHeatVoided(heat.heat) ? [] : mayStand(ground, played);
  checkRows("standings", where, heat.standings, standingsOf(results));
  yield passed("standings", where);
  const notices = [...absences(where, played), ...coverageNotices(where, heat.live, witnessed, null)];
  return { heat, rosterHash: frozen.rosterHash, played, results, notices };
}

/** The runs of a heat as they can be played again, in the roster's order; first boards are drawn once for all. */
export function* heatRuns(ground, heat, course) {
  const { event, rulesHash } = ground;
  const seed = seedOf({ serverSeed: heat.server_seed, event, heat: heat.heat, publicPart: heat.public });
  const shared = new SeededTiles(seed);
  for (const { run, player, grace_ms: graceMs, events: payloads } of heat.runs) {
    const tiles = heat.scope === "player" ? shared.ofPlayer(playerSeed(seed, player)) : shared;
    const start = chainStart({ event, heat: heat.heat, player, commit: heat.commit, rulesHash, t0UnixMs: heat.t0_unix_ms, graceMs });
    yield { where: `heat ${heat.heat}, player ${player}`, run, player, course, tiles, start, graceMs, payloads };
  }
}

function checkPromise(ground, heat, promised, where) {
  const promise = promised.get(heat.heat);
  if (promise === undefined) throw new Refuted("commitments", where, "was never promised");
  if (promise.course !== heat.course || promise.scope !== heat.scope || !equal(promise.commit, heat.commit)) {
    throw new Refuted("commitments", where, "course, scope or commitment are not those that were promised");
  }
  return checkCommit(ground, where, { ...heat, name: heat.heat });
}

function checkOrderOfReruns(ground, heat, promised, where) {
  for (const earlier of predecessors(heat, promised)) {
    if (!ground.decisions.isHeatVoided(earlier)) throw new Refuted("acts", where, `is a rerun, but no act has voided heat ${earlier}`);
  }
}

function checkRoster({ roster, runs }, where) {
  checkRising("roster", where, "players of the roster", roster);
  if (runs.length !== roster.length || runs.some(({ player }, place) => player !== roster[place])) {
    throw new Refuted("roster", where, "not one run for everybody on the roster, in its order");
  }
  if (new Set(runs.map(({ run }) => run)).size !== runs.length) throw new Refuted("run", where, "two runs have the same id");
}

/** The server was away for everybody in the heat, or for nobody: the heat has one clock. */
function checkAbsences(played) {
  const longest = played.reduce((most, { awayMs }) => (awayMs.length > most.length ? awayMs : most), []);
  for (const { where, awayMs, end, connections } of played) {
    const missed = longest[awayMs.length];
    const isCut = missed !== undefined && end.t > missed && connections < CONNECTIONS_MAX;
    if (isCut || awayMs.some((t, place) => t !== longest[place])) {
      const what = `the server was away at [${awayMs.join(", ")}] ms for this player and at [${longest.join(", ")}] ms for another`;
      throw new Refuted("run", where, what);
    }
  }
}

function heatCoverage({ live, runs }, played) {
  return runs.map((shown, place) => {
    const run = played[place];
    if (shown.live.length !== live.length) throw new Refuted("live", run.where, "digests of the heat leave it out");
    return coveredBy(run.where, run.player, run, 0, shown.live);
  });
}

function absences(where, played) {
  const times = [...new Set(played.flatMap(({ awayMs }) => awayMs))].sort((a, b) => a - b);
  return times.map((t) => notice("away", where, t, `interrupted: the server was away; the clock went on at ${awayAt(t)}`));
}
