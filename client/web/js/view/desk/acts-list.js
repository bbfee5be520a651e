/** Every act with its name, time and reason, and the way to take it back. */

import { dateTime, t } from "../../i18n/i18n.js";
import { stamp } from "../shared/template.js";
import { actWords } from "./words.js";

export class ActsList {
  #list = document.getElementById("acts");
  #none = document.getElementById("no-acts");
  #undo;
  #rowOf;
  #acts = null;
  #written = "";

  /**
   * @param {(act: object) => void} undo called with the act that shall be taken back
   * @param {(target: string) => object | null} rowOf the newest run of a player, or the run, that an act is about; null
   *   where the desk does not know it
   */
  constructor(undo, rowOf) {
    this.#undo = undo;
    this.#rowOf = rowOf;
  }

  /** @param {{number: number, kind: string, target: string, text: string, reason: string, desk: string, at_ms: number, in_effect: boolean}[]} acts newest first */
  show(acts) {
    const written = JSON.stringify(acts);
    if (written === this.#written) return; // what is read or focused stays where it is
    this.#written = written;
    this.#acts = acts;
    this.relabel();
  }

  relabel() {
    if (this.#acts === null) return;
    this.#none.hidden = this.#acts.length > 0;
    this.#list.replaceChildren(...this.#acts.map((act) => this.#item(act)));
  }

  #item(act) {
    const { root, number, what, target, reason, who, time, undone, undo } = stamp("act-row");
    root.dataset.number = String(act.number);
    root.dataset.inEffect = String(act.in_effect);
    number.textContent = t("desk.seq") + ` ${act.number}`;
    what.textContent = actWords(act);
    this.#name(target, act);
    reason.textContent = act.reason;
    who.textContent = act.desk;
    time.dateTime = new Date(act.at_ms).toISOString();
    time.textContent = dateTime(act.at_ms);
    undone.hidden = act.in_effect;
    undone.textContent = t("desk.undone");
    undone.dataset.tone = "voided";
    undo.hidden = !act.in_effect;
    undo.addEventListener("click", () => this.#undo(act));
    return root;
  }

  /** Whom it is about, by the real name; a link to the run where there is one to look at. */
  #name(target, { kind, target: id }) {
    if (kind === "undo") return;
    const row = this.#rowOf(id);
    target.textContent = row?.name ?? id;
    if (row !== null) target.href = `#/run/${row.run}`;
  }
}
