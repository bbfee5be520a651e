/**
 * What every part of a bundle stands on, and the checks that several parts share (PROOF.md 7).
 *
 * The *ground* is `{event, key, rulesHash, courses, decisions}`: whose bundle it is, by which rules, and what moderators decided.
 */

import { equal } from "./bytes.js";
import { EndReason } from "./log.js";
import { byId, rootOf } from "./merkle.js";
import { Refuted } from "./report.js";
import { commitment, Scope } from "./seeds.js";
import { isSigned, resultsText } from "./signature.js";

/** Stands for open play where a heat's id may stand. */
export const OPEN_PLAY = "";

/** The item that says that a check has passed somewhere. */
export const passed = (check, where) => ({ kind: "passed", check, where });

/** A time of a run's clock in seconds, as notices say it. */
export const awayAt = (t) => `${(t / 1000).toFixed(3)} s`;

/**
 * Recomputes a promise and gives the course that it names.
 *
 * @throws {Refuted} another promise, or no such course
 */
export function checkCommit(ground, where, { name, course, scope, commit, server_seed: serverSeed }) {
  const known = ground.courses.get(course);
  if (known === undefined) throw new Refuted("commit", where, `no course ${course}`);
  const { event, rulesHash } = ground;
  if (!equal(commitment({ event, heat: name, course, scope: Scope[scope], rulesHash, serverSeed }), commit)) {
    throw new Refuted("commit", where, "the revealed seed is not the one that was promised");
  }
  return known;
}

/**
 * Compares standings as published with what the runs come to.
 *
 * @throws {Refuted} the first row that differs
 */
export function checkRows(check, where, shown, due) {
  for (let place = 0; place < Math.max(shown.length, due.length); place += 1) {
    const [found, row] = [shown[place], due[place]];
    if (found !== undefined && row !== undefined && Object.keys(row).every((key) => row[key] === found[key])) continue;
    const isDue = row === undefined ? "none" : `rank ${row.rank}, player ${row.player}, ${row.score} points, ${row.time_ms} ms`;
    throw new Refuted(check, where, `row ${place + 1} of the standings should be ${isDue}`);
  }
}

/** @throws {Refuted} names that are out of order, or one that stands there twice */
export function checkRising(check, where, what, names) {
  if (names.some((name, place) => place > 0 && byId(names[place - 1], name) >= 0)) {
    throw new Refuted(check, where, `${what} are out of order, or one stands there twice`);
  }
}

/** @throws {Refuted} a run that ended as voided without an act that voided it; `heat` is null in open play */
export function checkVoidHasAnAct(ground, { where, run, end }, heat) {
  if (end.reason === EndReason.VOIDED && !ground.decisions.wasVoided(run, heat)) throw new Refuted("acts", where, "was ended as voided, and no act has voided it");
}

/** The results of the runs that may stand. */
export const mayStand = (ground, played) => played.filter(({ run, score }) => score > 0 && !ground.decisions.isRunVoided(run));

/**
 * Checks a signed root over leaves; `frozen` is T0 and the roster's hash.
 *
 * @throws {Refuted} another number of results, another root, another signature
 */
export function checkResults(ground, heat, where, signed, leaves, frozen) {
  if (signed.tree_size !== leaves.length) throw new Refuted("results", where, `a tree of ${signed.tree_size} leaves over ${leaves.length} results`);
  if (!equal(signed.root, rootOf(leaves))) throw new Refuted("results", where, "the root is not the one over these results");
  checkSignedRoot(ground, heat, where, signed, frozen);
}

/** @throws {Refuted} a root that nobody has signed with the bundle's key */
export function checkSignedRoot(ground, heat, where, signed, frozen) {
  const text = resultsText({ event: ground.event, heat, treeSize: signed.tree_size, root: signed.root, ...frozen });
  if (!isSigned(ground.key, text, signed.signature)) throw new Refuted("results", where, "the signature of the root is not of this key");
}
