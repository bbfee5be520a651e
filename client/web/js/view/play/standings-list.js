/** A short live list of standings: the podium, the player and the neighbours. */

import { number, onLanguage, t } from "../../i18n/i18n.js";
import { isRunning } from "../../state/target.js";

export class StandingsList {
  #root;
  #rows = [];
  #player = null;

  /** @param {HTMLOListElement} root */
  constructor(root) {
    this.#root = root;
    onLanguage(() => this.#render());
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
    this.#root.replaceChildren(...ranked.map((row, index) => this.#line(row, ranked[index - 1])));
  }

  #line(row, above) {
    const line = document.createElement("li");
    line.className = "standing";
    line.classList.toggle("standing--own", row.player === this.#player);
    line.classList.toggle("standing--gap", above !== undefined && row.rank > above.rank + 1);
    line.classList.toggle("standing--running", isRunning(row));
    part(line, "standing-rank figure", number(row.rank));
    part(line, "standing-name", row.player === this.#player ? `${row.name} (${t("play.you")})` : row.name || t("play.hidden-name"));
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
