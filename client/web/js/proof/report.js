/** What a check finds: the verdict, the first thing that is wrong, and what people should know beside it (PROOF.md 7). */

/** Something in a bundle is wrong; the check stops here. `check` is one of the names of PROOF.md 7. */
export class Refuted extends Error {
  constructor(check, where, what) {
    super(`${check}: ${where}: ${what}`);
    this.wrong = { check, where, what };
  }
}

/** What is no fault by itself, but nobody should have to look for; `atMs` says how much or when, to machines. */
export const notice = (kind, where, atMs, text) => ({ kind, where, atMs, text });
