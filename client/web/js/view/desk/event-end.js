/** The end of the event: what follows from it, the question, and afterwards the way to what was published. */

import { dateTime, t } from "../../i18n/i18n.js";
import { checkAddress } from "../shared/page-links.js";

/** What follows, one sentence each, in this order. */
const CONSEQUENCES = Object.freeze(["play", "standings", "publish", "later"]);

export class EventEnd {
  #button = document.getElementById("event-end");
  #said = document.getElementById("event-ended");
  #check = document.getElementById("event-check");
  #dialog = document.getElementById("end-dialog");
  #sure = document.getElementById("end-sure");
  #confirm = document.getElementById("end-confirm");
  #trouble = document.getElementById("end-trouble");
  #end;
  #endedAtMs = null;
  #refusal = null;
  #isBusy = false;

  /** @param {() => Promise<(() => string) | null>} end ends the event; resolves to null, or to words that say why it goes on */
  constructor(end) {
    this.#end = end;
    this.#button.addEventListener("click", () => this.#ask());
    this.#sure.addEventListener("change", () => this.relabel());
    document.getElementById("end-cancel").addEventListener("click", () => this.close());
    document.getElementById("end-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  /** @param {number | null} endedAtMs Unix ms; null while the event goes on */
  show(endedAtMs) {
    this.#endedAtMs = endedAtMs;
    if (endedAtMs !== null) this.close();
    this.relabel();
  }

  /** Takes the question away. */
  close() {
    this.#dialog.close();
  }

  relabel() {
    const isOver = this.#endedAtMs !== null;
    this.#button.hidden = isOver;
    this.#said.textContent = isOver ? t("desk.ended", { time: dateTime(this.#endedAtMs) }) : t("desk.end-how");
    this.#check.hidden = !isOver;
    this.#check.href = checkAddress({ all: "" });
    document.getElementById("end-list").replaceChildren(...CONSEQUENCES.map(consequence));
    this.#confirm.disabled = !this.#sure.checked || this.#isBusy;
    this.#confirm.textContent = t(this.#isBusy ? "desk.working" : "desk.end");
    this.#trouble.hidden = this.#refusal === null;
    this.#trouble.textContent = this.#refusal === null ? "" : this.#refusal();
  }

  #ask() {
    this.#sure.checked = false;
    this.#refusal = null;
    this.relabel();
    this.#dialog.showModal();
    this.#sure.focus();
  }

  async #submit() {
    if (this.#confirm.disabled) return;
    this.#isBusy = true;
    this.relabel();
    this.#refusal = await this.#end();
    this.#isBusy = false;
    this.relabel();
  }
}

/** What goes on and keeps the event from ending, in words. */
export function inPlayWords({ runs, heats }) {
  const parts = [runs > 0 ? t("desk.end-runs", { count: runs }) : "", heats.length > 0 ? t("desk.end-heats", { heats: heats.join(", ") }) : ""];
  return [t("desk.end-in-play"), ...parts.filter((part) => part !== "")].join(" ");
}

function consequence(name) {
  const item = document.createElement("li");
  item.textContent = t(`desk.end-${name}`);
  return item;
}
