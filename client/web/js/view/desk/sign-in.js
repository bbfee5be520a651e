/** The field for the personal token. */

import { t } from "../../i18n/i18n.js";

export class SignIn {
  #section = document.getElementById("sign-in");
  #field = document.getElementById("token");
  #problem = document.getElementById("token-problem");
  #say = () => "";

  /** @param {(token: string) => void} signIn called with what was typed */
  constructor(signIn) {
    document.getElementById("sign-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const token = this.#field.value.trim();
      if (token === "") this.show(() => t("desk.token-missing"));
      else signIn(token);
    });
  }

  /** @param {() => string} say what is wrong with the last token, "" for nothing */
  show(say = () => "") {
    this.#say = say;
    this.#section.hidden = false;
    this.relabel();
    this.#field.focus();
  }

  hide() {
    this.#section.hidden = true;
    this.#field.value = "";
    this.#say = () => "";
  }

  relabel() {
    const words = this.#say();
    this.#problem.textContent = words;
    if (words === "") this.#field.removeAttribute("aria-invalid");
    else this.#field.setAttribute("aria-invalid", "true");
  }
}
