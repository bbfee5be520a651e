/** Says to the hall that the heat on show was interrupted. */

import { Marked } from "../../protocol/table.js";

export class HeatLine {
  #marked = document.getElementById("heat-marked");

  /** @param {object | null} heat the HEAT on show; null: open play */
  show(heat) {
    this.#marked.hidden = heat?.marked !== Marked.INTERRUPTED;
  }
}
