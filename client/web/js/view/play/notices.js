/** Sentences above everything else: what is wrong, and a way on. One sentence per kind, newest text wins. */

import { onLanguage, t } from "../../i18n/i18n.js";

export class Notices {
  #root;
  #shown = new Map();

  constructor(root) {
    this.#root = root;
    onLanguage(() => this.#render());
  }

  /**
   * Shows a sentence until it is cleared or shown anew.
   *
   * @param {string} kind one place in the list, such as `server`
   * @param {{text: string, tone?: string, action?: {text: string, act: () => void}, forMs?: number}} notice texts are keys
   */
  show(kind, notice) {
    clearTimeout(this.#shown.get(kind)?.timer);
    const timer = notice.forMs === undefined ? null : setTimeout(() => this.clear(kind), notice.forMs);
    this.#shown.set(kind, { ...notice, timer });
    this.#render();
  }

  /** Takes a sentence away. */
  clear(kind) {
    if (!this.#shown.has(kind)) return;
    clearTimeout(this.#shown.get(kind).timer);
    this.#shown.delete(kind);
    this.#render();
  }

  #render() {
    this.#root.replaceChildren(...[...this.#shown].map(([kind, notice]) => this.#banner(kind, notice)));
  }

  #banner(kind, { text, tone = "warning", action }) {
    const banner = document.createElement("p");
    banner.className = `banner banner--${tone} notice`;
    banner.dataset.notice = kind;
    const words = document.createElement("span");
    words.textContent = t(text);
    banner.append(words);
    if (action !== undefined) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--quiet";
      button.textContent = t(action.text);
      button.addEventListener("click", () => {
        this.clear(kind);
        action.act();
      });
      banner.append(button);
    }
    return banner;
  }
}
