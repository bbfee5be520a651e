/** The corner with the live digest: what a hall can photograph and hold against the bundle later. */

const NONE = "– – –";
const HALF = 4;

export class DigestCorner {
  #root = document.getElementById("digest");
  #digits = document.getElementById("digest-digits");
  #late = document.getElementById("digest-late");

  /** @param {{digits: string, stale: boolean}} digest `digits` "" before the first */
  show({ digits, stale }) {
    this.#root.hidden = digits === "" && !stale;
    this.#root.dataset.stale = String(stale);
    this.#late.hidden = !stale;
    this.#digits.textContent = digits === "" ? NONE : `${digits.slice(0, HALF)} ${digits.slice(HALF)}`;
  }
}
