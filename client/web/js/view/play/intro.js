/** Three drawings before the first run: what to do. Shown once on a device. */

const SEEN_KEY = "knack.seen-intro";

export class Intro {
  #dialog = document.getElementById("intro");
  #storage;

  /** @param {Storage | null} storage */
  constructor(storage) {
    this.#storage = storage;
    document.getElementById("intro-go").addEventListener("click", () => this.#dialog.close());
  }

  /** Shows the drawings unless they were seen; resolves when the player goes on. */
  async before() {
    if (this.#storage?.getItem(SEEN_KEY) === "1") return;
    this.#dialog.showModal();
    await new Promise((resolve) => this.#dialog.addEventListener("close", resolve, { once: true }));
    this.#storage?.setItem(SEEN_KEY, "1");
  }
}
