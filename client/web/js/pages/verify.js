/** The checking page as it is served: it fetches bundles of this server, `?run=RUN` one run's, and checks that at once. */

import { t } from "../i18n/i18n.js";
import { namesFile, openBundle, runBundle } from "../net/bundle.js";
import { Api, HttpError } from "../net/http.js";
import { eventOfPage, linkPages } from "../view/shared/page-links.js";
import { Bench } from "./verify-bench.js";

/** What to say instead of a bundle, by HTTP status; 409: the run is not over yet. */
const TROUBLE = Object.freeze({ 0: "verify.fetch-offline", 404: "verify.fetch-unknown", 409: "verify.fetch-unknown" });

linkPages();
const event = eventOfPage();
const bench = new Bench();
const run = new URLSearchParams(location.search).get("run");
if (run !== null) void checkRun(run);
document.getElementById("fetch-open").addEventListener("click", () => void fetchOpenPlay());

async function checkRun(run) {
  const bytes = await fetched(run, () => runBundle(run));
  if (bytes === null) return;
  bench.put(`${run}.knack.json`, bytes);
  void nameRun(run);
  await bench.check(run);
}

async function fetchOpenPlay() {
  const papers = await fetched(t("verify.open-play"), () => Promise.all([openBundle(event), namesFile(event)]));
  if (papers === null) return;
  bench.put("open.knack.json", papers[0]);
  bench.put("names.json", papers[1]);
}

/** What was asked for, or null after saying why it did not come. */
async function fetched(what, ask) {
  try {
    const answer = await ask();
    bench.tell(() => "");
    return answer;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    bench.tell(() => t(TROUBLE[error.status] ?? "verify.fetch-failed", { what, status: error.status }));
    return null;
  }
}

/** Whoever stands in the standings has a name there; a check does without. */
async function nameRun(run) {
  const api = new Api({ event });
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
