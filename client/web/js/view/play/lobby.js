/** The lobby on the title: which heat one may join, whether one is in, and what was promised of it. */

import { onLanguage, t } from "../../i18n/i18n.js";
import { HeatPhase, Place } from "../../protocol/table.js";

/** Bytes of a hash that people compare by eye. */
const HASH_BYTES = 4;

export class LobbyView {
  #root = document.getElementById("lobby");
  #go = document.getElementById("lobby-go");
  #heat = null;

  /** @param {{onGather: (heat: string) => void, onScatter: () => void}} actions */
  constructor({ onGather, onScatter }) {
    this.#go.addEventListener("click", () => (this.#isIn ? onScatter() : onGather(this.#heat.heat)));
    onLanguage(() => this.show(this.#heat));
  }

  /** @param {object | null} heat the HEAT that one waits for or may join */
  show(heat) {
    this.#heat = heat;
    this.#root.hidden = heat === null;
    if (heat === null) return;
    const isFrozen = heat.phase === HeatPhase.FROZEN;
    this.#root.dataset.heat = heat.heat;
    this.#root.dataset.state = isFrozen ? "frozen" : this.#isIn ? "in" : "open";
    document.getElementById("lobby-title").textContent = t("play.lobby", { heat: heat.heat });
    document.getElementById("lobby-words").textContent = [t(isFrozen ? "play.lobby-frozen" : this.#isIn ? "play.lobby-in" : "play.lobby-open"), t("play.lobby-members", { count: heat.members })].join(" ");
    document.getElementById("lobby-proof").textContent = t("play.lobby-proof", {
      commit: digits(heat.commit),
      roster: isFrozen ? digits(heat.roster_hash) : "–",
    });
    this.#go.hidden = isFrozen;
    this.#go.textContent = t(this.#isIn ? "play.lobby-scatter" : "play.lobby-gather");
    this.#go.classList.toggle("button--quiet", this.#isIn);
  }

  get #isIn() {
    return this.#heat.place === Place.MEMBER;
  }
}

function digits(bytes) {
  return Array.from(bytes.slice(0, HASH_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
