import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { closeName, reconnects, tables } from "../../client/web/js/protocol/codes.js";
import * as limits from "../../client/web/js/protocol/limits.js";
import { TABLE } from "../../client/web/js/protocol/table.js";

const README = readFileSync(new URL("../../protocol/README.md", import.meta.url), "utf-8");

/** The rows of the document's table with these column heads, cells trimmed and without backticks. */
function tableOf(...heads) {
  const lines = README.split("\n");
  const start = lines.indexOf(`| ${heads.join(" | ")} |`);
  assert.notEqual(start, -1, `README has a table ${heads}`);
  const rows = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith("|")) break;
    rows.push(line.slice(1, -1).split("|").map((cell) => cell.trim().replaceAll("`", "")));
  }
  return rows;
}

test("rejects are the document's", () => {
  const written = tableOf("code", "name", "retry", "meaning").map(([code, name, retry]) => [Number(code), [name, retry === "yes"]]);
  assert.deepEqual(written, [...tables.rejects]);
});

test("close codes are the document's", () => {
  for (const [code, name, reconnect] of tableOf("code", "name", "reconnect", "meaning")) {
    assert.deepEqual([closeName(Number(code)), reconnects(Number(code))], [name, reconnect === "yes"]);
  }
  assert.equal(tableOf("code", "name", "reconnect", "meaning").length, tables.closes.size);
});

test("limits are the document's", () => {
  const written = new Map(tableOf("limit", "value", "unit", "why").map(([name, value]) => [name, Number(value.replaceAll(" ", ""))]));
  for (const [name, value] of Object.entries(limits)) assert.equal(value, written.get(name), name);
});

test("messages and their fields are the document's", () => {
  const ours = TABLE.map(({ opcode, name, kinds }) => [opcode, name, Object.entries(kinds).map(([field, { words }]) => `${field} ${words}`)]);
  const written = [...README.matchAll(/^\| (\d+) \| `([A-Z]+)` \| (.*) \|$/gm)].map(([, opcode, name, fields]) => [
    Number(opcode),
    name,
    [...fields.matchAll(/`(\w+)` ([^,`]+)/g)].map(([, field, words]) => `${field} ${words.trim()}`),
  ]);
  assert.deepEqual(ours, written);
});

test("a close code without a name is just closed", () => {
  assert.equal(closeName(3999), "closed");
});
