/** What a player takes along from a finished run: the signed receipt, and the way to check the score. */

import { onLanguage, t } from "../../i18n/i18n.js";
import { checkAddress } from "../shared/page-links.js";

export class ProofPart {
  #details = document.getElementById("receipt");
  #code = document.getElementById("receipt-code");
  #text = document.getElementById("receipt-text");
  #check = document.getElementById("check-score");
  #later = document.getElementById("check-later");
  #note = document.getElementById("proof-note");
  #receipt;
  #codeAddress;
  #run = null;
  #isFailed = false;

  /**
   * @param {object} sources
   * @param {(run: string) => Promise<string>} sources.receipt the signed receipt of a finished run
   * @param {(run: string) => string} sources.codeAddress where its picture lies
   */
  constructor({ receipt, codeAddress }) {
    this.#receipt = receipt;
    this.#codeAddress = codeAddress;
    this.#details.addEventListener("toggle", () => this.#fill());
    onLanguage(() => this.#words());
  }

  /**
   * A finished run of this player; the same one again may only have been published by now.
   *
   * @param {string} heat the heat that it is a part of, "" in open play
   * @param {boolean} isPublished a run of a heat is, once the whole heat is over
   */
  show(run, heat, isPublished) {
    this.#check.href = checkAddress(heat === "" ? { run } : { heat, run });
    this.#check.hidden = !isPublished;
    this.#later.hidden = isPublished;
    if (run === this.#run) return;
    this.#run = run;
    this.#details.open = false;
    this.#empty();
    this.#fail(false);
  }

  /** The receipt is asked for when somebody wants to see it: most players go straight on. */
  async #fill() {
    if (!this.#details.open || this.#text.textContent !== "") return;
    const run = this.#run;
    try {
      const text = await this.#receipt(run);
      if (run !== this.#run) return;
      this.#text.textContent = text;
      this.#code.src = this.#codeAddress(run);
      this.#code.hidden = false;
      this.#fail(false);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#details.open = false; // opening it again asks again
      this.#fail(true);
    }
  }

  #empty() {
    this.#code.hidden = true;
    this.#code.removeAttribute("src");
    this.#text.textContent = "";
  }

  #fail(isFailed) {
    this.#isFailed = isFailed;
    this.#words();
  }

  #words() {
    this.#note.textContent = this.#isFailed ? t("play.receipt-failed") : "";
  }
}
