import assert from "node:assert/strict";
import test from "node:test";

import { RowState } from "../../client/web/js/protocol/table.js";
import { deskRow, deskRowOf } from "../../client/web/js/state/desk-row.js";
import { REASON_MAX, actProblems, effectOf, offeredActs, targetOf } from "../../client/web/js/state/desk-words.js";

const row = (more) => ({ run: "run-1", player: "p-1", standing: true, renamed: false, shownName: "Mia", voided: false, playing: false, ...more });

test("a run that stands can be voided, a voided one restored", () => {
  assert.deepEqual(offeredActs(row({})), ["void", "hide_name", "replace_name"]);
  assert.deepEqual(offeredActs(row({ voided: true }))[0], "restore");
});

test("a hidden name can be shown or replaced, a replaced one also hidden", () => {
  assert.deepEqual(offeredActs(row({ renamed: true, shownName: "" })), ["void", "replace_name", "show_name"]);
  assert.deepEqual(offeredActs(row({ renamed: true, shownName: "Nice" })), ["void", "hide_name", "replace_name", "show_name"]);
});

test("an act on a run names the run, an act on a name the player", () => {
  assert.equal(targetOf("void", row({})), "run-1");
  assert.equal(targetOf("restore", row({})), "run-1");
  for (const kind of ["hide_name", "replace_name", "show_name"]) assert.equal(targetOf(kind, row({})), "p-1");
});

test("what a void will do depends on where the run stands", () => {
  assert.equal(effectOf("void", row({})), "void");
  assert.equal(effectOf("void", row({ standing: false })), "void-unranked");
  assert.equal(effectOf("void", row({ playing: true })), "void-playing");
  assert.equal(effectOf("hide_name", row({ playing: true })), "hide_name");
});

test("no act goes without a reason, no name is replaced by nothing", () => {
  assert.deepEqual(actProblems("void", { text: "", reason: "  " }), { reason: "reason" });
  assert.deepEqual(actProblems("void", { text: "", reason: "x".repeat(REASON_MAX + 1) }), { reason: "reason" });
  assert.deepEqual(actProblems("void", { text: "", reason: "x".repeat(REASON_MAX) }), {});
  assert.deepEqual(actProblems("replace_name", { text: " ", reason: "rude" }), { text: "text" });
});

test("a row of the feed and of the list are the same", () => {
  const state = RowState.VOIDED | RowState.NAME_HIDDEN;
  const wire = {
    run: "run-1", rank: 0, player: "p-1", name: "Rude", score: 900, time_ms: 12_000, state, shown_name: "", moves: 7,
    started_unix_ms: 1_700_000_000_000, end_reason: 255,
  };
  const expected = {
    run: "run-1", rank: 0, player: "p-1", name: "Rude", shownName: "", renamed: true, score: 900, timeMs: 12_000, moves: 7,
    startedMs: 1_700_000_000_000, playing: true, voided: true, endReason: 255,
  };
  assert.deepEqual(deskRow(wire), expected);
  assert.deepEqual(deskRowOf(Object.values(wire)), expected);
});
