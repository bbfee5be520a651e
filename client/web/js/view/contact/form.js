/** The contact form in the document: values, words beside the fields, and what happened to the last try. */

import { clockTime, t } from "../../i18n/i18n.js";
import { FIELDS } from "../../state/contact-form.js";

const NAMES = Object.keys(FIELDS);

export class ContactForm {
  #form = document.getElementById("contact-form");
  #send = document.getElementById("send");
  #trouble = document.getElementById("trouble");
  #problems = {};
  #tellTrouble = () => "";

  /**
   * @param {{input: (values: object) => void, send: (values: object) => void}} on `input` after every change of a field,
   *   `send` when the visitor wants to send
   */
  constructor(on) {
    for (const name of NAMES) {
      this.#field(name).addEventListener("input", () => {
        this.#clear(name);
        on.input(this.values);
      });
    }
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#send.disabled) on.send(this.values);
    });
  }

  /** What stands in the fields, the trap included. */
  get values() {
    return Object.fromEntries([...NAMES, "website"].map((name) => [name, this.#field(name).value]));
  }

  set values(values) {
    for (const [name, value] of Object.entries(values)) this.#field(name).value = value;
  }

  /**
   * Write the words beside the fields and go to the first that has any.
   *
   * @param {Record<string, string>} problems field -> code
   */
  showProblems(problems) {
    this.#problems = problems;
    for (const name of NAMES) this.#write(name);
    const first = NAMES.find((name) => problems[name] !== undefined);
    if (first !== undefined) this.#field(first).focus();
  }

  /** Say that a try is under way, or is over. */
  set busy(busy) {
    this.#send.disabled = busy;
    this.#send.textContent = t(busy ? "contact.sending" : "contact.send");
  }

  /** @param {() => string} tell what went wrong, in the language in use; "" for nothing */
  showTrouble(tell) {
    this.#tellTrouble = tell;
    const text = tell();
    this.#trouble.hidden = text === "";
    if (this.#trouble.textContent !== text) this.#trouble.textContent = text;
  }

  /** Write everything again, in the language in use. */
  relabel() {
    for (const name of NAMES) this.#write(name);
    this.showTrouble(this.#tellTrouble);
    this.busy = this.#send.disabled;
  }

  #clear(name) {
    if (this.#problems[name] === undefined) return;
    delete this.#problems[name];
    this.#write(name);
  }

  #write(name) {
    const code = this.#problems[name];
    const field = this.#field(name);
    if (code === undefined) field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
    document.getElementById(`${name}-problem`).textContent = code === undefined ? "" : words(name, code);
  }

  #field(name) {
    return this.#form.elements.namedItem(name);
  }
}

const WORDS = {
  required: (name) => t(`contact.required.${name}`),
  too_long: (name) => t("contact.too_long", { max: FIELDS[name] }),
  email: () => t("contact.bad-email"),
};

function words(name, code) {
  return (WORDS[code] ?? (() => t("contact.characters")))(name);
}

/** What to say while a visitor has to wait; says something else when the time is over. */
export function waitWords(leftMs) {
  return leftMs > 0 ? t("contact.wait", { time: clockTime(leftMs) }) : t("contact.wait-over");
}
