/** Which courses a screen shows at the moment. */

/** How long one course stays when a screen is too small for all, in ms. */
export const TURN_MS = 20_000;

/**
 * @param {object} hall
 * @param {string[]} hall.courses all courses of the event, in its order
 * @param {string} hall.heat the heat in the address or under way, "" for none
 * @param {string} hall.chosen the course in the address, "" for all
 * @param {Set<string>} hall.standing the courses that have standings
 * @param {boolean} hall.roomy whether all courses fit side by side or above one another
 * @param {number} hall.sinceMs time since the screen opened
 * @returns {{shown: string[], dueMs: number | null}} `dueMs`: when, on the same clock, the next course has its turn
 */
export function stage({ courses, heat = "", chosen, standing, roomy, sinceMs }) {
  if (courses.includes(chosen)) return { shown: [chosen], dueMs: null };
  if (heat !== "") return { shown: [heat], dueMs: null };
  const candidates = courses.filter((course) => standing.has(course));
  if (candidates.length === 0) return { shown: courses.slice(0, 1), dueMs: null };
  if (roomy || candidates.length === 1) return { shown: candidates, dueMs: null };
  const turn = Math.floor(sinceMs / TURN_MS);
  return { shown: [candidates[turn % candidates.length]], dueMs: (turn + 1) * TURN_MS };
}
