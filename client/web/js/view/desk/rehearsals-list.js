/** The rehearsals that there are, so that one that was left behind is seen and deleted: asked twice on the same button. */

import { dateTime, t } from "../../i18n/i18n.js";
import { stamp } from "../shared/template.js";

export class RehearsalsList {
  #part = document.getElementById("rehearsals-part");
  #list = document.getElementById("rehearsals");
  #remove;
  #told = [];
  #asked = null;

  /** @param {(event: string) => void} remove deletes one, after the moderator has said so twice */
  constructor(remove) {
    this.#remove = remove;
    this.#list.addEventListener("focusout", () => this.#ask(null));
  }

  /** @param {{event: string, title: string, players: number, ends_at_ms: number}[]} rehearsals as `/api/desk/rehearsals` has them */
  show(rehearsals) {
    if (JSON.stringify(rehearsals) === JSON.stringify(this.#told)) return; // a button keeps the focus
    this.#told = rehearsals;
    this.relabel();
  }

  relabel() {
    this.#part.hidden = this.#told.length === 0;
    this.#list.replaceChildren(...this.#told.map((rehearsal) => this.#item(rehearsal)));
  }

  #item({ event, title, players, ends_at_ms: endsAtMs }) {
    const { root, name, about, remove } = stamp("rehearsal-row");
    root.dataset.event = event;
    name.textContent = title;
    name.href = `/e/${encodeURIComponent(event)}`;
    about.textContent = t("desk.rehearsal-about", { event, count: players, time: dateTime(endsAtMs) });
    remove.addEventListener("click", () => (this.#asked === event ? this.#remove(event) : this.#ask(event)));
    return root;
  }

  #ask(event) {
    this.#asked = event;
    for (const item of this.#list.children) {
      item.querySelector("button").textContent = t(item.dataset.event === event ? "desk.rehearsal-sure" : "desk.rehearsal-delete");
    }
  }
}
