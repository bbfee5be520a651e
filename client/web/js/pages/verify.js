/** The checking page as it is served: `?run=RUN` fetches that run's bundle and checks it at once. */

import { t } from "../i18n/i18n.js";
import { runBundle } from "../net/bundle.js";
import { Api, HttpError } from "../net/http.js";
import { eventOfPage, linkPages } from "../view/shared/page-links.js";
import { Bench } from "./verify-bench.js";

linkPages();
const bench = new Bench();
const run = new URLSearchParams(location.search).get("run");
if (run !== null) void fetchAndCheck(run);

async function fetchAndCheck(run) {
  try {
    bench.put(`${run}.json`, await runBundle(run));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    bench.tell(() => t(TROUBLE[error.status] ?? "verify.fetch-failed", { run, status: error.status }));
    return;
  }
  void nameRun(run);
  await bench.check(run);
}

const TROUBLE = Object.freeze({ 0: "verify.fetch-offline", 404: "verify.fetch-unknown" });

/** Whoever stands in the standings has a name there; a check does without. */
async function nameRun(run) {
  const api = new Api({ event: eventOfPage() });
  try {
    const { courses } = await api.event();
    for (const { name: course } of courses) {
      const { rows } = await api.standings(course);
      bench.name(rows.filter(([other]) => other === run).map(([, , player, name]) => [player, name]));
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
  }
}
