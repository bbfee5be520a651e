/** A camera that reads QR codes, where the browser has both: only on trusted (https or local) addresses, and not everywhere. */

const LOOK_EVERY_MS = 250;

export class CodeCamera {
  #video;
  #stream = null;
  #timer = null;
  #isWanted = false;
  #onCode;

  /** @param {(text: string) => void} onCode called with the first code that is seen; the camera is off by then */
  constructor(video, onCode) {
    this.#video = video;
    this.#onCode = onCode;
  }

  /** Whether this browser can read QR codes from a camera. */
  static async isAble() {
    if (!("BarcodeDetector" in globalThis) || navigator.mediaDevices === undefined) return false;
    return (await globalThis.BarcodeDetector.getSupportedFormats()).includes("qr_code");
  }

  get isOn() {
    return this.#stream !== null;
  }

  /**
   * Looks until a code is seen or `stop` is called.
   *
   * @throws {DOMException} there is no camera, or nobody may use it
   */
  async start() {
    const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
    this.#isWanted = true;
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    if (!this.#isWanted) {
      this.stop(); // somebody went away while the browser asked for leave
      return;
    }
    this.#video.srcObject = this.#stream; // and plays by itself
    this.#look(detector);
  }

  stop() {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
  }

  async #look(detector) {
    if (!this.isOn) return;
    const codes = await detector.detect(this.#video).catch(() => []); // a frame that is not there yet
    if (!this.isOn) return;
    if (codes.length === 0) {
      this.#timer = setTimeout(() => this.#look(detector), LOOK_EVERY_MS);
      return;
    }
    this.stop();
    this.#onCode(codes[0].rawValue);
  }
}
