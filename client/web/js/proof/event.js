/** What only a bundle of a whole event can show: promises kept or opened, sums over heats, acts about what there was (PROOF.md 7). */

import { checkCommit, checkRising, checkRows } from "./ground.js";
import { byId } from "./merkle.js";
import { SOLO_PREFIX } from "./openplay.js";
import { Refuted } from "./report.js";
import { sumsOf } from "./standings.js";

/** @throws {Refuted} a promise that was neither kept nor opened, or both */
export function checkUnused(ground, { heats, open, unused_heats: unusedHeats, unused_runs: unusedRuns }, promised) {
  checkRising("unused", "unused heats", "heats", unusedHeats.map(({ heat }) => heat));
  checkRising("unused", "unused runs", "runs", unusedRuns.map(({ run }) => run));
  const played = new Set(heats.map(({ heat }) => heat));
  for (const { heat, server_seed } of unusedHeats) {
    const where = `unused heat ${heat}`;
    const promise = promised.get(heat);
    if (promise === undefined || played.has(heat)) throw new Refuted("unused", where, promise ? "was played" : "was never promised");
    checkCommit(ground, where, { ...promise, name: heat, server_seed });
  }
  const opened = new Set(unusedHeats.map(({ heat }) => heat));
  const missing = [...promised.keys()].filter((heat) => !played.has(heat) && !opened.has(heat)).sort(byId);
  if (missing.length > 0) throw new Refuted("complete", `heat ${missing[0]}`, "was promised, and neither played nor opened");
  const started = new Set(open.runs.map(({ run }) => run));
  for (const prepared of unusedRuns) {
    const where = `unused run ${prepared.run}`;
    if (started.has(prepared.run) || !prepared.run.startsWith(SOLO_PREFIX)) throw new Refuted("unused", where, "was played, or is no solo run");
    checkCommit(ground, where, { ...prepared, name: prepared.run, scope: "heat" });
  }
}

/** @throws {Refuted} sums that are not those over the heats of each course that count */
export function checkSums(ground, heats, sums) {
  const counted = heats.filter(({ heat }) => !ground.decisions.isHeatVoided(heat.heat));
  const courses = [...new Set(counted.map(({ heat }) => heat.course))].sort(byId);
  if (sums.map(({ course }) => course).join() !== courses.join()) throw new Refuted("sums", "sums", "not the courses of the heats that count");
  for (const { course, heats: shown, rows } of sums) {
    const where = `sum of ${course}`;
    const due = counted.filter(({ heat }) => heat.course === course);
    if (shown.join() !== due.map(({ heat }) => heat.heat).join()) throw new Refuted("sums", where, "not the heats that count");
    const fullTimeMs = ground.courses.get(course).levels.reduce((sum, { timeMs }) => sum + timeMs, 0);
    checkRows("sums", where, rows, sumsOf(due.map(({ results }) => results), fullTimeMs));
  }
}

/** @throws {Refuted} an act about a run or a heat that this event did not have */
export function checkTargets({ acts }, promised, runs) {
  for (const { number, kind, target } of acts.list) {
    if ((kind === "void" || kind === "restore") && !runs.has(target)) throw new Refuted("acts", `act ${number}`, `is about run ${target}, which is missing`);
    if (kind === "void_heat" && !promised.has(target)) throw new Refuted("acts", `act ${number}`, `is about heat ${target}, which is unknown`);
  }
}
