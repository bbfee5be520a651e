/** What a screen reader hears of the game: short sentences, the newest one, and not more often than one can listen. */

const EVERY_MS = 2500;
/** How long it must have been silent before something is said that can wait. */
const SILENCE_MS = 8000;

export class Announcer {
  #element;
  #next = null;
  #timer = null;
  #saidMs = 0;

  /** @param {HTMLElement} element a polite live region */
  constructor(element) {
    this.#element = element;
  }

  /** Says a sentence, in place of one that still waits. */
  say(text) {
    this.#next = text;
    if (this.#timer === null) this.#speak();
  }

  /** Says a sentence only into a silence; the next one will come. */
  murmur(text) {
    if (performance.now() - this.#saidMs >= SILENCE_MS) this.say(text);
  }

  #speak() {
    this.#timer = null;
    if (this.#next === null) return;
    this.#element.textContent = this.#next;
    this.#saidMs = performance.now();
    this.#next = null;
    this.#timer = setTimeout(() => this.#speak(), EVERY_MS);
  }
}
