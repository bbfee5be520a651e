/** The small controls for who stands at the computer: not seen from the hall until the mouse moves. */

import { t } from "../../i18n/i18n.js";
import { languageSwitch } from "../shared/language-switch.js";
import { courseName } from "./panel.js";

/** Controls and the mouse pointer go this long after the last movement, in ms. */
const AWAKE_MS = 3_000;

export class Controls {
  #bar = document.getElementById("controls");
  #choice = document.getElementById("course-choice");
  #timer = null;
  #buttons = [];

  /** @param {(course: string) => void} choose called with a course, or "" for all */
  constructor(choose) {
    this.#bar.prepend(languageSwitch());
    this.choose = choose;
    const screen = document.getElementById("fullscreen");
    screen.hidden = !document.fullscreenEnabled;
    screen.addEventListener("click", () =>
      document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
    );
    for (const sign of ["pointermove", "pointerdown", "keydown", "focusin"]) {
      document.addEventListener(sign, () => this.#wake(), { passive: true });
    }
    this.#sleep();
  }

  /**
   * @param {string[]} courses of the event, and the sums over its heats
   * @param {string} chosen the one in the address, "" for all
   */
  show(courses, chosen) {
    const entries = courses.length > 1 ? ["", ...courses] : [];
    if (entries.join(" ") !== this.#buttons.map(({ value }) => value).join(" ")) {
      this.#buttons = entries.map((course) => this.#button(course));
      this.#choice.replaceChildren(...this.#buttons);
    }
    for (const button of this.#buttons) {
      button.textContent = button.value === "" ? t("screen.all-courses") : courseName(button.value);
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
  }

  #button(course) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "control";
    button.value = course;
    button.addEventListener("click", () => this.choose(course));
    return button;
  }

  #wake() {
    document.body.dataset.awake = "true";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#sleep(), AWAKE_MS);
  }

  #sleep() {
    if (this.#bar.matches(":focus-within:has(:focus-visible)")) {
      this.#timer = setTimeout(() => this.#sleep(), AWAKE_MS);
      return;
    }
    document.body.dataset.awake = "false";
  }
}
