/** One run of a bundle, checked once more for somebody who wants to see it. */

import { knownRules } from "./rules.js";
import { heatRuns } from "./heats.js";
import { soloRun } from "./openplay.js";
import { play } from "./played.js";

/** All runs of a bundle with what they belong to: `{run, player, course, heat}`, `heat` null in open play. */
export function runsOf(bundle) {
  return [
    ...heatsOf(bundle).flatMap(({ heat, course, runs }) => runs.map(({ run, player }) => ({ run, player, course, heat }))),
    ...soloRunsOf(bundle).map(({ run, player, course }) => ({ run, player, course, heat: null })),
  ];
}

/**
 * Plays one run of a bundle again; yields and returns what `play` does.
 *
 * @throws {import("./report.js").Refuted} something is wrong with it
 */
export function* walkRun(bundle, id) {
  const { hash: rulesHash, courses } = knownRules(bundle.rules);
  const ground = { event: bundle.event, rulesHash, courses };
  const solo = soloRunsOf(bundle).find(({ run }) => run === id);
  if (solo !== undefined) return yield* play(soloRun(ground, solo));
  const heat = heatsOf(bundle).find(({ runs }) => runs.some(({ run }) => run === id));
  for (const published of heatRuns(ground, heat, courses.get(heat.course))) {
    if (published.run === id) return yield* play(published);
  }
  throw new RangeError(`no run ${id}`);
}

/** The standings that a bundle shows: `{heat, course, rows}` each, and sums over heats as `{heats, course, rows}`. */
export function standingsIn(bundle) {
  const ofRun = ({ run, player }) => ({ heat: null, course: bundle.run.course, rows: [{ rank: 0, player, run }] });
  return [
    ...(bundle.kind === "run" ? [ofRun(bundle.run)] : []),
    ...(bundle.sums ?? []).map(({ course, heats, rows }) => ({ heats, course, rows })),
    ...heatsOf(bundle).map(({ heat, course, standings }) => ({ heat, course, rows: standings })),
    ...(bundle.open?.standings ?? []).map(({ course, rows }) => ({ heat: null, course, rows })),
  ];
}

const heatsOf = ({ kind, heat, heats }) => (kind === "heat" ? [heat] : (heats ?? []));
const soloRunsOf = ({ kind, run, open }) => (kind === "run" ? [run] : (open?.runs ?? []));
