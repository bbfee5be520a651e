/** What a player takes along from a finished run: the signed receipt, the way to check the score, the evidence. */

import { onLanguage, t } from "../../i18n/i18n.js";
import { checkAddress } from "../shared/page-links.js";

export class ProofPart {
  #details = document.getElementById("receipt");
  #code = document.getElementById("receipt-code");
  #text = document.getElementById("receipt-text");
  #check = document.getElementById("check-score");
  #note = document.getElementById("proof-note");
  #receipt;
  #codeAddress;
  #run = null;
  #said = null;

  /**
   * @param {object} sources
   * @param {(run: string) => Promise<string>} sources.receipt the signed receipt of a finished run
   * @param {(run: string) => string} sources.codeAddress where its picture lies
   * @param {() => Promise<{name: string, text: string} | null>} sources.evidence the held file; null when it cannot be made
   */
  constructor({ receipt, codeAddress, evidence }) {
    this.#receipt = receipt;
    this.#codeAddress = codeAddress;
    this.#details.addEventListener("toggle", () => this.#fill());
    document.getElementById("save-evidence").addEventListener("click", async () => {
      const file = await evidence();
      if (file === null) this.#say("play.evidence-failed");
      else {
        give(file);
        this.#say("play.evidence-saved", { name: file.name });
      }
    });
    onLanguage(() => this.#words());
  }

  /** A finished run of this player; the same one again changes nothing. A heat's run has no bundle of its own to check. */
  show(run, heat) {
    if (run === this.#run) return;
    this.#run = run;
    this.#details.open = false;
    this.#empty();
    this.#check.href = checkAddress(run);
    this.#check.hidden = heat !== "";
    this.#said = null;
    this.#words();
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
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#details.open = false; // opening it again asks again
      this.#say("play.receipt-failed");
    }
  }

  #empty() {
    this.#code.hidden = true;
    this.#code.removeAttribute("src");
    this.#text.textContent = "";
  }

  #say(key, params = {}) {
    this.#said = [key, params];
    this.#words();
  }

  #words() {
    this.#note.textContent = this.#said === null ? "" : t(...this.#said);
  }
}

/** Hands a file over as a download. */
function give({ name, text }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers ask where to first
}
