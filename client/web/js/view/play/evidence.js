/** The buttons that hand over what this device holds against what will be published; the same on the title and on the end card. */

import { onLanguage, t } from "../../i18n/i18n.js";

export class EvidenceKeys {
  #save;
  #others;
  #note;
  #files;
  #said = null;

  /**
   * @param {HTMLElement} root has the parts `save`, `others` and `note`
   * @param {() => Promise<{present: {name: string, text: string}, others: {name: string, text: string}[]}>} files the held files as they stand
   */
  constructor(root, files) {
    [this.#save, this.#others, this.#note] = ["save", "others", "note"].map((part) => root.querySelector(`[data-part=${part}]`));
    this.#files = files;
    this.#save.addEventListener("click", async () => this.#give([(await this.#files()).present]));
    this.#others.addEventListener("click", async () => this.#give((await this.#files()).others));
    onLanguage(() => this.#words());
  }

  /** Whether there are files under other keys, too. */
  show(hasOthers) {
    this.#others.hidden = !hasOthers;
  }

  #give(files) {
    for (const file of files) download(file);
    this.#said = files.map(({ name }) => name).join(", ");
    this.#words();
  }

  #words() {
    this.#note.textContent = this.#said === null ? "" : t("play.evidence-saved", { name: this.#said });
  }
}

/** Says on the title that the event signs with another key than at first; nothing of a run is disturbed by it. */
export class KeyWarning {
  #root = document.getElementById("other-key");
  #words = document.getElementById("other-key-words");
  #fingerprint = null;

  constructor() {
    onLanguage(() => this.show(this.#fingerprint));
  }

  /** @param {string | null} fingerprint of the key that is another one; null while the key is the first one */
  show(fingerprint) {
    this.#fingerprint = fingerprint;
    this.#root.hidden = fingerprint === null;
    if (fingerprint !== null) this.#words.textContent = t("play.other-key-words", { fingerprint: fingerprint.replaceAll(/(.{4})(?=.)/g, "$1 ") });
  }
}

function download({ name, text }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers ask where to first
}
