/** The contact page. Nothing that was typed is lost before the server has answered that it is stored. */

import words from "../i18n/contact.js";
import { onLanguage, register, t } from "../i18n/i18n.js";
import { Api } from "../net/http.js";
import { Draft, problems } from "../state/contact-form.js";
import { ContactForm, waitWords } from "../view/contact/form.js";
import { followLanguage, languageSwitch } from "../view/shared/language-switch.js";
import { eventOfPage, linkPages } from "../view/shared/page-links.js";

const WAIT_TICK_MS = 1_000;

register(words);
document.getElementById("head").append(languageSwitch());
followLanguage();
linkPages();

const api = new Api({ event: eventOfPage() });
const draft = new Draft(tabStorage());
const form = new ContactForm({ input: (values) => draft.keep(values), send });

/** The form's token from the server, and how long requests are kept; null until the server has said so. */
let issued = null;
let waiting = null;

async function send(values) {
  const found = problems(values);
  form.showProblems(found);
  if (Object.keys(found).length > 0) return;
  clearInterval(waiting);
  form.showTrouble(() => "");
  form.busy = true;
  try {
    issued ??= await api.contactForm();
    await api.sendContact({ ...values, form: issued.form });
    thank();
  } catch (error) {
    explain(error);
  } finally {
    form.busy = false;
  }
}

function explain({ status, body }) {
  const tell = {
    0: () => form.showTrouble(() => t("contact.no-network")),
    400: () => form.showProblems(body.errors ?? {}),
    429: () => wait(body.wait_ms ?? 0),
  }[status];
  if (tell === undefined || (status === 400 && body.errors === undefined)) form.showTrouble(() => t("contact.failed"));
  else tell();
}

function wait(waitMs) {
  const overMs = performance.now() + waitMs;
  const tell = () => {
    const leftMs = overMs - performance.now();
    form.showTrouble(() => waitWords(leftMs));
    if (leftMs <= 0) clearInterval(waiting);
  };
  tell();
  waiting = setInterval(tell, WAIT_TICK_MS);
}

function thank() {
  draft.drop();
  form.values = { ...draft.read(), website: "" };
  document.getElementById("ask").hidden = true;
  document.getElementById("thanks").hidden = false;
  document.getElementById("thanks-heading").focus();
}

function askAgain() {
  document.getElementById("thanks").hidden = true;
  document.getElementById("ask").hidden = false;
  document.getElementById("first_name").focus();
}

function showStored() {
  document.getElementById("stored").textContent =
    issued === null ? t("contact.stored-plain") : t("contact.stored", { count: issued.retention_days });
}

/** The tab's sessionStorage, or null where the browser forbids it. */
function tabStorage() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

form.values = draft.read();
document.getElementById("again").addEventListener("click", askAgain);
onLanguage(() => {
  form.relabel();
  showStored();
});
showStored();
try {
  issued = await api.contactForm();
  showStored();
  const { kind } = await api.event();
  document.getElementById("rehearsal").hidden = kind !== "rehearsal";
} catch {
  // Asked again when the visitor sends; until then the line says it without a number.
}
