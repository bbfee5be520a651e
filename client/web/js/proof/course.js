/** Courses: the lists of levels that a run walks through (RULES.md 4). */

/**
 * The levels of a course as published, `[{goal, time_ms}]`, fit to be walked through.
 *
 * @returns {{goal: number, timeMs: number}[]} `goal` points to be made within `timeMs`; goal 0 ends by time alone
 * @throws {RangeError} when they cannot be walked through
 */
export function levelsOf(course) {
  const levels = course.map(({ goal, time_ms: timeMs }) => ({ goal, timeMs }));
  if (levels.length === 0) throw new RangeError("a course has a level");
  if (levels.slice(0, -1).some(({ goal }) => goal === 0)) throw new RangeError("only the last level may have no goal");
  for (const { goal, timeMs } of levels) {
    if (!Number.isSafeInteger(goal) || goal < 0) throw new RangeError("a goal is a whole number from 0");
    if (!Number.isSafeInteger(timeMs) || timeMs <= 0) throw new RangeError("a time is a whole number of ms, more than 0");
  }
  return levels;
}
