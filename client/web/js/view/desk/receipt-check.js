/** The desk's check of a receipt: from the camera, typed or pasted; and the verdict, large enough to be read at arm's length. */

import { t } from "../../i18n/i18n.js";
import { CodeCamera } from "./camera.js";
import { courseName } from "./words.js";

/** A sign beside the colour and the word, for those who do not see colours apart. */
const SIGNS = Object.freeze({ valid: "✓", voided: "⊘", superseded: "↑", forged: "✗" });

export class ReceiptCheck {
  #field = document.getElementById("receipt-text");
  #place = document.getElementById("receipt-verdict");
  #button = document.getElementById("receipt-camera");
  #finder = document.getElementById("receipt-finder");
  #problem = document.getElementById("receipt-problem");
  #camera;
  #check;
  #verdict = null;
  #problemKey = null;

  /** @param {(text: string) => Promise<object | null>} check asks what a receipt is worth; null when that failed */
  constructor(check) {
    this.#check = check;
    this.#camera = new CodeCamera(document.getElementById("receipt-video"), (text) => this.#read(text));
    document.getElementById("receipt-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#ask();
    });
    this.#field.addEventListener("input", () => this.#show(null));
    this.#button.addEventListener("click", () => this.#toggle());
    void CodeCamera.isAble().then((isAble) => {
      this.#button.hidden = !isAble;
      document.getElementById("receipt-no-camera").hidden = isAble;
    });
  }

  /** Turns the camera off and forgets the last verdict: the page goes to another part. */
  close() {
    this.#camera.stop();
    this.#field.value = "";
    this.#show(null);
  }

  relabel() {
    this.#button.textContent = t(this.#camera.isOn ? "desk.camera-off" : "desk.camera-on");
    this.#finder.hidden = !this.#camera.isOn;
    this.#problem.textContent = this.#problemKey === null ? "" : t(this.#problemKey);
    const verdict = this.#verdict;
    this.#place.hidden = verdict === null;
    if (verdict === null) return;
    this.#place.dataset.verdict = verdict.verdict;
    document.getElementById("receipt-sign").textContent = SIGNS[verdict.verdict];
    document.getElementById("receipt-word").textContent = t(`desk.receipt-${verdict.verdict}`);
    document.getElementById("receipt-why").textContent = t(`desk.receipt-why-${reasonOf(verdict)}`);
    document.getElementById("receipt-who").textContent = whoWords(verdict);
    const link = document.getElementById("receipt-run");
    link.hidden = verdict.run === null;
    if (verdict.run !== null) link.href = `#/run/${verdict.run}`;
  }

  async #toggle() {
    if (this.#camera.isOn) {
      this.#camera.stop();
      this.relabel();
      return;
    }
    this.#show(null);
    try {
      await this.#camera.start();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#camera.stop();
      this.#problemKey = "desk.camera-failed";
    }
    this.relabel();
  }

  #read(text) {
    this.#field.value = text;
    void this.#ask();
  }

  async #ask() {
    const text = this.#field.value.trim();
    this.#show(null);
    if (text === "") {
      this.#problemKey = "desk.receipt-missing";
      this.relabel();
      this.#field.focus();
      return;
    }
    const verdict = await this.#check(text);
    if (verdict === null || text !== this.#field.value.trim()) return; // it failed, or another receipt is there by now
    this.#show(verdict);
    this.#place.focus();
  }

  #show(verdict) {
    this.#verdict = verdict;
    this.#problemKey = null;
    this.relabel();
  }
}

/** Our own signature over something that we have not stored is no matter of the player's. */
function reasonOf({ verdict, signed }) {
  return verdict === "forged" && signed ? "disagrees" : verdict;
}

function whoWords({ run, name, course, score }) {
  if (run === null) return "";
  return t("desk.receipt-who", { name: name || "–", course: courseName(course), score });
}
