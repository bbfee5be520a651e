/** What a screen reader hears of the game: short sentences, the newest one, and not more often than one can listen. */

const EVERY_MS = 2500;

export class Announcer {
  #element;
  #next = null;
  #timer = null;

  /** @param {HTMLElement} element a polite live region */
  constructor(element) {
    this.#element = element;
  }

  /** Says a sentence, in place of one that still waits. */
  say(text) {
    this.#next = text;
    if (this.#timer === null) this.#speak();
  }

  #speak() {
    this.#timer = null;
    if (this.#next === null) return;
    this.#element.textContent = this.#next;
    this.#next = null;
    this.#timer = setTimeout(() => this.#speak(), EVERY_MS);
  }
}
