/** What this server has to check: the whole event, a heat, open play, one run; and a word for what is not there yet. */

import { t } from "../../i18n/i18n.js";
import { runOf, sourcesOf } from "../../state/verify-sources.js";
import { put } from "./words.js";

export class SourcesView {
  #heats = document.getElementById("heat-choice");
  #run = document.getElementById("run-text");
  #sources = null;

  /**
   * @param {(what: {all: ""} | {open: ""} | {heat: string} | {heat: string, run: string} | null) => void} onFetch somebody wants this;
   *   null: what was typed is no run
   */
  constructor(onFetch) {
    const wishes = {
      "fetch-all": () => ({ all: "" }),
      "fetch-heat": () => ({ heat: this.#heats.value }),
      "fetch-open": () => ({ open: "" }),
    };
    for (const [id, wish] of Object.entries(wishes)) document.getElementById(id).addEventListener("click", () => onFetch(wish()));
    document.getElementById("run-form").addEventListener("submit", (event) => {
      event.preventDefault();
      onFetch(runOf(this.#run.value));
    });
  }

  /** @param {object} event as `/api/event` describes it */
  show(event) {
    this.#sources = sourcesOf(event);
    this.relabel();
  }

  relabel() {
    if (this.#sources === null) return;
    const { all, heats, underWay, hasHeats } = this.#sources;
    put(document.getElementById("all-note"), t(all ? "verify.source-all" : "verify.source-all-later"));
    document.getElementById("fetch-all").hidden = !all;
    document.getElementById("source-heat").hidden = !hasHeats;
    put(document.getElementById("heat-note"), heatWords(heats, underWay));
    for (const id of ["heat-choice", "fetch-heat"]) document.getElementById(id).hidden = heats.length === 0;
    if ([...this.#heats.options].map(({ value }) => value).join(" ") !== heats.join(" ")) {
      this.#heats.replaceChildren(...heats.map((heat) => new Option(heat, heat)));
    }
  }
}

function heatWords(heats, underWay) {
  if (underWay.length > 0) return t("verify.source-heats-later", { heats: underWay.join(", ") });
  return t(heats.length === 0 ? "verify.source-no-heat" : "verify.source-heats");
}
