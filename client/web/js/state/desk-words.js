/** The words of the desk that are numbers on the wire, and the acts that a moderator has. */

/** `end_reason` of a run, section 7 of RULES.md; 255 while it is in play. */
export const END_REASON = { time: 0, courseDone: 1, abandoned: 2, voided: 3, inPlay: 255 };

/**
 * kind -> what it is about, which kind takes it back by itself, and whether it needs a text beside the reason.
 * Any act can be taken back with `undo` as well.
 */
export const ACTS = {
  void: { about: "run", text: false, destructive: true },
  restore: { about: "run", text: false, destructive: false },
  hide_name: { about: "player", text: false, destructive: true },
  replace_name: { about: "player", text: true, destructive: true },
  show_name: { about: "player", text: false, destructive: false },
  undo: { about: "act", text: false, destructive: true },
};

/** Limits of the server for what a moderator types, in characters. */
export const REASON_MAX = 200;
