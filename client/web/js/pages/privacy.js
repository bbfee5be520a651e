/** The privacy page: fixed texts, and from the server who the event is and how long contact requests are kept. */

import { onLanguage, register, t } from "../i18n/i18n.js";
import words from "../i18n/privacy.js";
import { Api } from "../net/http.js";
import { followLanguage, languageSwitch } from "../view/shared/language-switch.js";
import { eventOfPage, linkPages } from "../view/shared/page-links.js";

register(words);
document.getElementById("head").append(languageSwitch());
followLanguage();
linkPages();

let event = null;

function show() {
  document.getElementById("who").textContent =
    event === null ? t("privacy.who-plain") : t("privacy.who-event", { title: event.title });
  for (const until of ["play-until", "contact-until"]) {
    document.getElementById(until).textContent = event === null ? "" : t(`privacy.${until}`, { count: event.retention_days });
  }
}

onLanguage(show);
show();
try {
  event = await new Api({ event: eventOfPage() }).event();
  show();
} catch {
  // The page stands without the event's name as well.
}
