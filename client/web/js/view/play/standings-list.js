/** A short live list of standings: the podium, the player and the neighbours, as many as there is room for. */

import { number, onLanguage, t } from "../../i18n/i18n.js";
import { excerpt } from "../../state/excerpt.js";
import { isRunning } from "../../state/target.js";

export class StandingsList {
  #root;
  #rows = [];
  #player = null;

  /** @param {HTMLOListElement} root as tall as there is room, whatever it holds */
  constructor(root) {
    this.#root = root;
    onLanguage(() => this.#render());
    new ResizeObserver(() => this.#render()).observe(root);
  }

  /** Shows rows in order of rank; `player` is who looks at them, or null. */
  show(rows, player) {
    this.#rows = rows;
    this.#player = player;
    this.#render();
  }

  #render() {
    const ranked = this.#rows.filter((row) => row.rank > 0);
    this.#root.parentElement.classList.toggle("side--empty", ranked.length === 0);
    if (ranked.length > 0 && this.#root.firstElementChild === null) this.#root.append(this.#line(ranked[0]));
    const shown = excerpt(ranked, this.#player, this.#room());
    this.#root.replaceChildren(...shown.map((row, index) => this.#line(row, shown[index - 1])));
  }

  /** How many rows fit; a list that is not laid out has room for all. */
  #room() {
    const row = this.#root.firstElementChild?.getBoundingClientRect().height;
    return row > 0 ? Math.max(1, Math.floor(this.#root.clientHeight / row)) : Infinity;
  }

  #line(row, above) {
    const line = document.createElement("li");
    line.className = "standing";
    const isOwn = row.player === this.#player;
    line.classList.toggle("standing--own", isOwn);
    line.classList.toggle("standing--gap", above !== undefined && row.rank > above.rank + 1);
    line.classList.toggle("standing--running", isRunning(row));
    part(line, "standing-rank figure", number(row.rank));
    part(line, "standing-name", row.name || t("play.hidden-name"));
    if (isOwn) part(line, "standing-you", t("play.you"));
    part(line, "standing-score figure", number(row.score));
    return line;
  }
}

function part(parent, name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  parent.append(element);
}
