/** The rules that this checker plays by, and the courses that their published file lists (RULES.md 4 and 10). */

import { hex, utf8 } from "./bytes.js";
import { levelsOf } from "./course.js";
import { sha } from "./hashing.js";

/** The SHA-256 of the one rules file whose numbers stand in this code. */
export const RULES_HASH = "80f4899cb1be902224e6665dc2874420c3e5926692eb1bb4d089f61e0e463cd9";

/**
 * What a rules file says, or null when it is not the one that this checker knows.
 *
 * @returns {{hash: Uint8Array, courses: Map<string, {name: string, levels: {goal: number, timeMs: number}[]}>} | null}
 */
export function knownRules(text) {
  const hash = sha(utf8(text));
  if (hex(hash) !== RULES_HASH) return null;
  const courses = Object.entries(JSON.parse(text).courses).map(([name, levels]) => [name, { name, levels: levelsOf(levels) }]);
  return { hash, courses: new Map(courses) };
}
