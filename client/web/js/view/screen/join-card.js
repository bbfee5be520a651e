/** How to join: a code for cameras and an address for fingers, or the word that only this computer can. */

import { t } from "../../i18n/i18n.js";
import { fitLine } from "./fit.js";

export class JoinCard {
  #card = document.getElementById("join");
  #code = document.getElementById("join-code");
  #steps = document.getElementById("join-steps");
  #address = document.getElementById("join-address");
  #heading = document.getElementById("join-heading");
  #url = undefined;
  #way = "join";

  constructor() {
    new ResizeObserver(() => fitLine(this.#address)).observe(this.#card);
  }

  /**
   * @param {string | null} url what phones open; null when the server listens to this computer only
   * @param {string} codeSource address of the QR code's picture
   */
  show(url, codeSource) {
    this.#url = url;
    if (url !== null && this.#code.getAttribute("src") !== codeSource) this.#code.src = codeSource;
    this.relabel();
  }

  /** The event is over: the same address now leads to what is published. */
  close() {
    this.#way = "closed";
    this.#heading.dataset.i18n = "screen.closed-join";
    this.#heading.textContent = t("screen.closed-join");
    this.relabel();
  }

  /** Write everything again, in the language in use. */
  relabel() {
    if (this.#url === undefined) return;
    const address = this.#url === null ? "" : readable(this.#url);
    this.#card.dataset.way = this.#url === null ? "here" : "phones";
    this.#code.hidden = this.#url === null;
    this.#code.alt = t(`screen.${this.#way}-code`, { address });
    this.#steps.textContent = t(`screen.${this.#way}-${this.#url === null ? "here" : "steps"}`);
    this.#address.textContent = address;
    this.#address.hidden = address === "";
    fitLine(this.#address);
  }
}

/** What a person types: browsers find the scheme themselves when it is http. */
function readable(url) {
  return url.replace(/^http:\/\//, "").replace(/\/$/, "");
}
