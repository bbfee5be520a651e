/**
 * The checking page as it is served: it fetches what this server has published. What stands in its address is fetched and checked at once:
 * `?run=RUN` a run, `?heat=HEAT` a heat (with `&run=RUN` played before one's eyes), `?all=` the whole event.
 */

import { onLanguage, t } from "../i18n/i18n.js";
import { eventBundle, heatBundle, namesFile, openBundle, runBundle } from "../net/bundle.js";
import { Api, HttpError } from "../net/http.js";
import { eventOfPage, linkPages } from "../view/shared/page-links.js";
import { SourcesView } from "../view/verify/sources-view.js";
import { Bench } from "./verify-bench.js";

/** What to say instead of a bundle, by the server's word for why there is none. */
const TROUBLE = Object.freeze({
  unknown_run: "verify.fetch-unknown",
  run_not_over: "verify.fetch-unknown",
  unknown_heat: "verify.fetch-no-heat",
  heat_not_over: "verify.fetch-heat-later",
  never_played: "verify.fetch-never-played",
  event_not_ended: "verify.fetch-event-later",
});

linkPages();
const event = eventOfPage();
const api = new Api({ event });
const bench = new Bench();
const sources = new SourcesView((what) => (what === null ? bench.tell(() => t("verify.fetch-no-run")) : void fetchForLater(what)));
onLanguage(() => sources.relabel());
void askForSources();
window.addEventListener("focus", askForSources); // a heat may be over by now
const wanted = Object.fromEntries(new URLSearchParams(location.search));
if (["run", "heat", "all"].some((name) => name in wanted)) void fetchAndCheck(wanted);

async function askForSources() {
  const answer = await api.event().catch(refused);
  if (answer !== null) sources.show(answer);
}

async function fetchAndCheck(what) {
  const run = await take(what);
  if (run !== null) await bench.check(run);
}

/** Somebody may want to add what was kept before it is checked. */
async function fetchForLater(what) {
  const run = await take(what);
  if (run !== null) bench.ready(run);
}

/** Fetches a bundle and the names beside it. Gives the run that shall be played, "" for any; null after saying why nothing came. */
async function take({ run = "", heat = "", all, open }) {
  if (all !== undefined) return taken("event", t("verify.whole-event"), "", () => eventBundle(event));
  if (open !== undefined) return taken("open", t("verify.open-play"), "", () => openBundle(event));
  if (heat !== "") return taken(heat, heat, run, () => heatBundle(heat, event));
  try {
    bench.put(`${run}.knack.json`, await runBundle(run));
  } catch (error) {
    if (error.body?.error === "published_with_heat") return take({ heat: error.body.heat, run });
    return sayWhy(error, run);
  }
  bench.tell(() => "");
  void nameRun(run);
  return run;
}

async function taken(name, what, run, ask) {
  try {
    const [bundle, names] = await Promise.all([ask(), namesFile(event)]);
    bench.put(`${name}.knack.json`, bundle);
    bench.put("names.json", names);
    bench.tell(() => "");
    return run;
  } catch (error) {
    return sayWhy(error, what);
  }
}

function sayWhy(error, what) {
  refused(error);
  const { status, body } = error;
  const text = status === 0 ? "verify.fetch-offline" : (TROUBLE[body.error] ?? "verify.fetch-failed");
  bench.tell(() => t(text, { what, status }));
  return null;
}

/** Whoever stands in the standings has a name there; a check does without. */
async function nameRun(run) {
  const answer = await api.event().catch(refused);
  for (const { name: course } of answer?.courses ?? []) {
    const standings = await api.standings(course).catch(refused);
    bench.name((standings?.rows ?? []).filter(([other]) => other === run).map(([, , player, name]) => [player, name]));
  }
}

/** Null for an answer that did not come; a mistake of ours goes on. */
function refused(error) {
  if (!(error instanceof HttpError)) throw error;
  return null;
}
