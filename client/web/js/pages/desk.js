/** The desk: signs a moderator in and puts the parts together; `#/runs`, `#/run/RUN`, `#/acts`, `#/receipt`, `#/contacts`. */

import words from "../i18n/desk.js";
import { onLanguage, register, t } from "../i18n/i18n.js";
import { Connection } from "../net/connection.js";
import { DeskApi } from "../net/http.js";
import { socketUrl } from "../net/world.js";
import { Role } from "../protocol/table.js";
import { deviceStorage } from "../state/memory.js";
import { ActDialog, faultWords } from "../view/desk/act-dialog.js";
import { ActsList } from "../view/desk/acts-list.js";
import { ContactsList } from "../view/desk/contacts-list.js";
import { EventEnd, inPlayWords } from "../view/desk/event-end.js";
import { HeatsList } from "../view/desk/heats-list.js";
import { ReceiptCheck } from "../view/desk/receipt-check.js";
import { RehearsalsList } from "../view/desk/rehearsals-list.js";
import { RunPage } from "../view/desk/run-page.js";
import { SignIn } from "../view/desk/sign-in.js";
import { actWords, troubleWords } from "../view/desk/words.js";
import { followLanguage, languageSwitch } from "../view/shared/language-switch.js";
import { eventOfPage, linkPages } from "../view/shared/page-links.js";
import { DeskRuns } from "./desk-runs.js";

const TOKEN_KEY = "knack.desk";

/** Contact requests and acts of others have no feed; they are asked for this often, and when the desk gets the focus. */
const REFRESH_MS = 5_000;

/** A run in play changes with every move; its page follows this often, in ms. */
const RUN_REFRESH_MS = 1_000;

/** What the server tells of heats is asked for in full this long after, once, in ms. */
const HEATS_REFRESH_MS = 100;

/** A shorter break of the connection goes unnoticed, in ms. */
const STALE_AFTER_MS = 2_000;

/** Closes and refusals that mean: this token is not good (any more). */
const TOKEN_REFUSED = new Set(["not_allowed", "unknown_session", "session_ended"]);

const VIEWS = ["runs", "run", "heats", "acts", "receipt", "contacts"];

register(words);
document.getElementById("sign-out").before(languageSwitch());
followLanguage();
linkPages();

const event = eventOfPage();
const storage = deviceStorage();
const connection = new Connection({ url: socketUrl(location), role: Role.DESK, event });
const signIn = new SignIn((token) => enter(token));
const dialog = new ActDialog(perform);
const acts = new ActsList(askToUndo, (target) => runs.rowOf(target));
const contacts = new ContactsList(mark);
const heats = new HeatsList({
  prepare: (heat) => steer(() => api.prepareHeat(heat)),
  publish: () => steer(() => api.publishHeats()),
  step: (heat, step, text) => steer(() => api.stepHeat(heat, { step, text })),
  voidHeat: (heat) => dialog.ask({ kind: "void_heat", target: heat, about: () => t("desk.about-heat", { heat }), effect: "void_heat" }),
  runs: (heat) => {
    location.hash = "#/runs";
    runs.lookAt(heat);
  },
});
const eventEnd = new EventEnd(end);
const rehearsals = new RehearsalsList((rehearsal) => guarded(() => api.deleteRehearsal(rehearsal)).then(loadRehearsals));
const receipts = new ReceiptCheck((text) => guarded(() => api.receipt(text)));
const runPage = new RunPage(
  (question) => dialog.ask(question),
  (run, resamples) => refreshed(() => api.flags(run, resamples)),
  (heat) => heat === "" || heats.isPublished(heat),
);
const runs = new DeskRuns(connection, (question) => guarded(() => api.runs(question)));

const stale = document.getElementById("stale");

let api = null;
let who = "";
let contactPages = 1;
let contactRows = [];
let runTimer = null;
let staleTimer = null;
let heatsTimer = null;

// --- signing in and out ---

async function enter(token) {
  const asked = new DeskApi({ token, event });
  try {
    const { name, kind, ended_at_ms: endedAtMs } = await asked.whoAmI();
    who = name;
    document.getElementById("rehearsal").hidden = kind !== "rehearsal";
    showEnd(endedAtMs);
  } catch (error) {
    const badToken = error.status === 401;
    if (badToken) storage?.removeItem(TOKEN_KEY);
    signIn.show(() => (badToken ? t("desk.token-bad") : error.status === 404 ? t("desk.unknown-event") : troubleWords(error)));
    return;
  }
  api = asked;
  storage?.setItem(TOKEN_KEY, token);
  signIn.hide();
  document.body.dataset.signed = "in";
  for (const id of ["tabs", "who", "sign-out"]) document.getElementById(id).hidden = false;
  connection.token = token;
  connection.start();
  relabel();
  route();
  refresh();
}

/** Back to the field for the token. What was on show goes with the page, so that nothing stays behind. */
function leave() {
  storage?.removeItem(TOKEN_KEY);
  location.reload();
}

/** The server has sent us away for good: the token is not good any more, or the rehearsal that the desk was open for is gone. */
async function seeWhy() {
  if (api === null) return;
  const isGone = await api.whoAmI().then(
    () => false,
    (error) => error.status === 404,
  );
  if (isGone) shut(() => t("desk.unknown-event"));
  else refuseToken();
}

function refuseToken() {
  if (api === null) return;
  storage?.removeItem(TOKEN_KEY);
  shut(() => t("desk.token-bad"));
}

/** Takes away all that only a moderator may see, and says why. */
function shut(why) {
  api = null;
  connection.stop();
  dialog.close();
  eventEnd.close();
  receipts.close();
  runPage.close();
  document.body.dataset.signed = "out";
  for (const id of ["tabs", "who", "sign-out", ...VIEWS.map((view) => `view-${view}`)]) document.getElementById(id).hidden = true;
  signIn.show(why);
}

function askToUndo(act) {
  const about = () => t("desk.about-act", { number: act.number, what: actWords(act) });
  dialog.ask({ kind: "undo", target: String(act.number), about, effect: "undo" });
}

// --- asking the server ---

/** The answer to what the moderator asked for, or null after saying what went wrong. */
async function guarded(ask) {
  const answer = await answerTo(ask, (error) => tellTrouble(troubleWords(error)));
  if (answer !== null) tellTrouble("");
  return answer;
}

/** The same for what the desk asks by itself: nothing is said of a lost line, because the banner does, nor taken back. */
function refreshed(ask) {
  return answerTo(ask, (error) => error.status !== 0 && tellTrouble(troubleWords(error)));
}

async function answerTo(ask, onTrouble) {
  try {
    return await ask();
  } catch (error) {
    if (error.status === undefined) throw error;
    if (error.status === 401) refuseToken();
    else onTrouble(error);
    return null;
  }
}

function tellTrouble(text) {
  const trouble = document.getElementById("trouble");
  trouble.hidden = text === "";
  if (trouble.textContent !== text) trouble.textContent = text;
}

async function perform(act) {
  try {
    await api.act(act);
  } catch (error) {
    if (error.status === undefined) throw error;
    if (error.status === 401) refuseToken();
    return faultWords(error.body?.error) ?? troubleWords(error);
  }
  refresh();
  if (runPage.run !== null) void loadRun(runPage.run);
  return "";
}

/** Ends the event; null when that is done, else words that say why it goes on. */
async function end() {
  try {
    showEnd((await api.endEvent()).ended_at_ms);
    return null;
  } catch (error) {
    if (error.status === undefined) throw error;
    if (error.status === 401) refuseToken();
    return () => (error.body?.error === "in_play" ? inPlayWords(error.body) : (faultWords(error.body?.error) ?? troubleWords(error)));
  }
}

function showEnd(endedAtMs) {
  eventEnd.show(endedAtMs);
  if (endedAtMs !== null) heats.close();
}

/** Steers the heats and shows what became of them. */
async function steer(order) {
  const told = await answerTo(order, (error) => tellTrouble(faultWords(error.body?.error) ?? troubleWords(error)));
  if (told === null) return;
  tellTrouble("");
  heats.show(told);
}

async function loadHeats() {
  const told = await refreshed(() => api.heats());
  if (told === null) return;
  heats.show(told);
  runPage.showCheck(); // its heat may be published by now
}

async function mark(contact, done) {
  await guarded(() => api.contactDone(contact, done));
  await loadContacts();
}

function refresh() {
  if (api === null) return;
  void loadContacts();
  void loadActs();
  void loadHeats();
  void loadRehearsals();
}

async function loadRehearsals() {
  if (api === null) return;
  const told = await refreshed(() => api.rehearsals());
  if (told !== null) rehearsals.show(told);
}

async function loadActs() {
  const answer = await refreshed(() => api.acts());
  if (answer !== null) acts.show(answer.acts);
}

async function loadContacts() {
  const pages = await refreshed(() => Promise.all(Array.from({ length: contactPages }, (_, place) => api.contacts({ page: place + 1 }))));
  if (pages === null) return;
  contactRows = pages.flatMap((page) => page.contacts);
  contacts.show(contactRows);
  document.getElementById("contacts-more").hidden = contactRows.length >= pages[0].total;
}

async function loadRun(run) {
  const answer = await guarded(() => api.run(run));
  if (answer !== null && place().run === run) runPage.show(answer);
}

// --- where we are ---

function place() {
  const [, view = "runs", run = ""] = location.hash.split("/");
  return VIEWS.includes(view) && (view !== "run" || run !== "") ? { view, run } : { view: "runs", run: "" };
}

function route() {
  if (api === null) return;
  const { view, run } = place();
  for (const name of VIEWS) document.getElementById(`view-${name}`).hidden = name !== view;
  for (const tab of document.querySelectorAll("[data-tab]")) {
    if (tab.dataset.tab === view || (view === "run" && tab.dataset.tab === "runs")) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  tellTrouble("");
  if (view !== "receipt") receipts.close();
  if (view !== "run") runPage.close();
  else if (run !== runPage.run) void loadRun(run);
}

function relabel() {
  document.getElementById("who-name").textContent = t("desk.signed-in-as", { name: who });
  signIn.relabel();
  dialog.relabel();
  acts.relabel();
  heats.relabel();
  eventEnd.relabel();
  rehearsals.relabel();
  receipts.relabel();
  runPage.relabel();
  runs.show();
  contacts.show(contactRows);
}

// --- what happens ---

connection.addEventListener("welcome", ({ detail: { title, courses } }) => {
  document.getElementById("event-title").textContent = title;
  runs.watch(courses.map(({ name }) => name));
});
connection.addEventListener("push", ({ detail }) => {
  const { type } = detail;
  if (type === "CLOSED") showEnd(detail.at_unix_ms);
  if (type !== "HEAT" || heatsTimer !== null || api === null) return;
  heatsTimer = setTimeout(() => {
    heatsTimer = null;
    if (api !== null) void loadHeats();
  }, HEATS_REFRESH_MS);
});
connection.addEventListener("state", ({ detail: { state, reason } }) => {
  if (state === "stopped" && TOKEN_REFUSED.has(reason)) void seeWhy();
  if (state === "live" || api === null) {
    clearTimeout(staleTimer);
    staleTimer = null;
    stale.hidden = true;
  } else {
    staleTimer ??= setTimeout(() => (stale.hidden = false), STALE_AFTER_MS); // from the loss on, however often it is tried
  }
});
runs.addEventListener("whole", () => acts.relabel()); // now their names are known
runs.addEventListener("run", ({ detail: run }) => {
  if (run !== runPage.run || runTimer !== null) return;
  runTimer = setTimeout(() => {
    runTimer = null;
    if (run === runPage.run) void loadRun(run);
  }, RUN_REFRESH_MS);
});
document.getElementById("sign-out").addEventListener("click", leave);
document.getElementById("contacts-more").addEventListener("click", () => {
  contactPages += 1;
  void loadContacts();
});
window.addEventListener("hashchange", route);
window.addEventListener("focus", refresh);
setInterval(() => document.visibilityState === "visible" && refresh(), REFRESH_MS);
onLanguage(relabel);

const kept = storage?.getItem(TOKEN_KEY) ?? "";
if (kept === "") signIn.show();
else void enter(kept);
