/** The reader's switch between the languages, and a page that follows it. */

import { language, languages, onLanguage, setLanguage, translate } from "../../i18n/i18n.js";

const NAMES = Object.freeze({ de: "Deutsch", en: "English" });

/** A group of two buttons, DE and EN, of which the one in use is pressed. */
export function languageSwitch() {
  const group = document.createElement("div");
  group.className = "language-switch";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Sprache / Language");
  const buttons = languages().map((code) => {
    const button = document.createElement("button");
    button.type = "button";
    button.lang = code;
    button.textContent = code.toUpperCase();
    button.setAttribute("aria-label", NAMES[code]);
    button.addEventListener("click", () => setLanguage(code));
    return button;
  });
  const show = () =>
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.lang === language())));
  onLanguage(show);
  show();
  group.append(...buttons);
  return group;
}

/** Keeps `<html lang>` and every marked text of the document in the language in use, now and after a switch. */
export function followLanguage() {
  const show = () => {
    document.documentElement.lang = language();
    translate(document);
  };
  onLanguage(show);
  show();
}
