/** What a report on a run comes to: which flags are up, what they ask for, and how much one of them is worth. */

/** Of a hundred runs so many are taken for dishonest where a flag's worth is worked out; nobody knows the true share. */
const DISHONEST = 0.01;

/**
 * @param {{needs_review: boolean, flags: object[]}} report as `GET /api/desk/runs/RUN/flags` gives it
 * @returns {{verdict: "none"|"some"|"review", raised: object[], rest: object[]}} in the report's order
 */
export function sorted({ needs_review: needsReview, flags }) {
  const raised = flags.filter((flag) => flag.is_raised);
  const verdict = needsReview ? "review" : raised.length > 0 ? "some" : "none";
  return { verdict, raised, rest: flags.filter((flag) => !flag.is_raised) };
}

/**
 * How many of this run and its cohort would have a flag if all were honest.
 *
 * @returns {{runs: number, expected: number, most: number}} `most` at the upper bound of what was measured
 */
export function byChance({ others, any_by_chance: { flagged, of, most } }) {
  const runs = others + 1;
  return { runs, expected: (runs * flagged) / of, most: runs * most };
}

/**
 * In how many of a hundred cases a flag like this one is right, if one run in a hundred is dishonest in the way that it
 * looks for, and honest runs have it as often as they may at most. Null for remarks, which look for nothing.
 */
export function rightOf100({ honest, power }) {
  if (power === null) return null;
  const right = (DISHONEST * power.flagged) / power.of;
  return (100 * right) / (right + (1 - DISHONEST) * honest.most);
}
