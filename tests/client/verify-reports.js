/**
 * `node verify-reports.js FOLDER`: the browser's checker over a folder, one JSON report a line.
 *
 * `cases.json` in there lists `{bundle, key, commitments, held}`, names of files beside it (the key as text).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseKey } from "../../client/web/js/proof/anchors.js";
import { parsePublished } from "../../client/web/js/proof/commitments.js";
import { parseHeld } from "../../client/web/js/proof/held.js";
import { verify } from "../../client/web/js/proof/verify.js";

const folder = process.argv[2];
const bytes = (name) => new Uint8Array(readFileSync(join(folder, name)));

/** The report of a check, taken at one go. */
export function reportOf(bundle, anchors) {
  const steps = verify(bundle, anchors);
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value;
  }
}

if (folder !== undefined && process.argv[1].endsWith("verify-reports.js")) {
  for (const { bundle, key, commitments, held } of JSON.parse(readFileSync(join(folder, "cases.json"), "utf-8"))) {
    const anchors = {
      key: key === null ? null : parseKey(key),
      commitments: commitments === null ? null : parsePublished(bytes(commitments)),
      held: held.map((name) => [name, parseHeld(bytes(name))]),
    };
    const { verdict, wrong, notices, anchoredBy, sha256, contents } = reportOf(bytes(bundle), anchors);
    console.log(JSON.stringify({ verdict, wrong, notices, sha256, title: contents?.title ?? null, anchored_by: anchoredBy.map(({ text }) => text) }));
  }
}
