/** Where files are chosen or dropped, and the list of what they are. */

import { t } from "../../i18n/i18n.js";
import { KINDS } from "../../state/verify-papers.js";
import { stamp } from "../shared/template.js";
import { bringIntoView, put } from "./words.js";

/** A fingerprint of a key: 32 hexadecimal digits, however they are grouped. */
const FINGERPRINT = /^[0-9a-f]{32}$/;

export class PapersView {
  #papers;
  #list = document.getElementById("papers");
  #problem = document.getElementById("file-problem");
  #fingerprint = document.getElementById("fingerprint");
  #start = document.getElementById("start");
  #trouble = () => "";
  /** How many choices of files are still being read; a check that began now would leave them out. */
  #readings = 0;

  /**
   * @param {import("../../state/verify-papers.js").Papers} papers
   * @param {() => void} onStart
   */
  constructor(papers, onStart) {
    this.#papers = papers;
    const drop = document.getElementById("drop");
    const files = document.getElementById("files");
    files.addEventListener("change", () => {
      void this.#take([...files.files]);
      files.value = ""; // the same file may be chosen again
    });
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
      document.addEventListener(type, (event) => this.#drag(event, drop));
    }
    this.#start.addEventListener("click", onStart);
    this.#fingerprint.addEventListener("input", () => this.relabel());
    papers.addEventListener("change", () => this.relabel());
  }

  /** The fingerprint that was typed, as 32 digits; null without one. */
  get fingerprint() {
    const digits = this.#fingerprint.value.replace(/[\s:-]/g, "").toLowerCase();
    return digits === "" ? null : digits;
  }

  /** The papers came without anybody's files: shows where to go on. */
  ready() {
    bringIntoView(this.#start);
    this.#start.focus({ preventScroll: true });
  }

  /** Says why a file could not be had; `words` gives the text in the language in use. */
  tell(words) {
    this.#trouble = words;
    this.relabel();
  }

  relabel() {
    put(this.#problem, this.#trouble());
    this.#list.replaceChildren(...KINDS.flatMap((kind) => this.#rows(kind)));
    const isReadable = this.fingerprint === null || FINGERPRINT.test(this.fingerprint);
    if (isReadable) this.#fingerprint.removeAttribute("aria-invalid");
    else this.#fingerprint.setAttribute("aria-invalid", "true");
    put(document.getElementById("fingerprint-note"), t(isReadable ? "verify.fingerprint-note" : "verify.fingerprint-bad"));
    this.#start.disabled = this.#papers.bundle === null || !isReadable || this.#readings > 0;
  }

  #rows(kind) {
    const found = this.#papers.of(kind);
    return found.length === 0 ? [this.#row(kind, null)] : found.map((paper) => this.#row(kind, paper));
  }

  #row(kind, paper) {
    const { root, sign, what, name, remove } = stamp("paper-row");
    root.dataset.kind = kind;
    root.dataset.there = String(paper !== null);
    sign.textContent = paper === null ? "" : "✓";
    what.textContent = t(`verify.paper-${kind}`);
    name.textContent = paper?.name ?? t(`verify.missing-${kind}`);
    remove.hidden = paper === null;
    remove.addEventListener("click", () => this.#papers.remove(paper));
    return root;
  }

  #drag(event, drop) {
    if (!event.dataTransfer.types.includes("Files")) return; // text may be dragged into the field
    event.preventDefault(); // else the browser opens the file instead of this page
    drop.dataset.over = String(event.type === "dragenter" || event.type === "dragover");
    if (event.type === "drop") void this.#take([...event.dataTransfer.files]);
  }

  async #take(files) {
    const unknown = [];
    this.#readings += 1;
    this.relabel();
    try {
      for (const file of files) {
        if (this.#papers.put(file.name, new Uint8Array(await file.arrayBuffer())) === null) unknown.push(file.name);
      }
    } finally {
      this.#readings -= 1;
      this.relabel();
    }
    this.tell(unknown.length === 0 ? () => "" : () => t("verify.unknown-file", { name: unknown.join(", ") }));
  }
}
