/** The banner of a screen that is not live, and the time of day. */

import { dateTime, t } from "../../i18n/i18n.js";

const MINUTES = { hour: "2-digit", minute: "2-digit" };
const SECONDS = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

export class LiveBanner {
  #banner = document.getElementById("not-live");

  /**
   * @param {boolean} live
   * @param {number | null} asOfUnixMs when the standings shown were last known to be true; null when none ever came
   */
  show(live, asOfUnixMs) {
    document.body.dataset.live = String(live);
    this.#banner.hidden = live;
    if (live) return;
    const text = asOfUnixMs === null ? t("screen.never-live") : t("screen.not-live", { time: dateTime(asOfUnixMs, SECONDS) });
    if (this.#banner.textContent !== text) this.#banner.textContent = text;
  }
}

/** Writes the time of day; returns in how many ms it changes. */
export function showClock(unixMs) {
  document.getElementById("clock").textContent = dateTime(unixMs, MINUTES);
  return 60_000 - (unixMs % 60_000);
}
