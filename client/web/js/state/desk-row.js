/** A run as a moderator sees it: a row of the desk's feed, or of its HTTP list, which is the same as an array. */

import { IN_PLAY, RowState } from "../protocol/table.js";

/**
 * @returns {{run: string, rank: number, player: string, name: string, shownName: string, renamed: boolean, score: number,
 *   timeMs: number, moves: number, startedMs: number, playing: boolean, voided: boolean, endReason: number}} `name` is the
 *   real one, `shownName` what the public sees ("" when hidden), `endReason` 255 while the run is in play
 */
export function deskRow({ run, rank, player, name, score, time_ms, state, shown_name, moves, started_unix_ms, end_reason }) {
  return {
    run,
    rank,
    player,
    name,
    shownName: shown_name,
    renamed: (state & RowState.NAME_HIDDEN) !== 0,
    score,
    timeMs: time_ms,
    moves,
    startedMs: started_unix_ms,
    playing: end_reason === IN_PLAY,
    voided: (state & RowState.VOIDED) !== 0,
    endReason: end_reason,
  };
}

const FIELDS = [
  "run", "rank", "player", "name", "score", "time_ms", "state", "shown_name", "moves", "started_unix_ms", "end_reason",
]; // prettier-ignore

/** The same of an array as `GET /api/desk/runs` gives it. */
export function deskRowOf(values) {
  return deskRow(Object.fromEntries(FIELDS.map((field, place) => [field, values[place]])));
}
