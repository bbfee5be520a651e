/** What the checking page says of cells, swaps, times and hashes, in the language in use. */

import { language, t } from "../../i18n/i18n.js";
import { calm } from "../board-motion.js";

const SIDE = 8;

/** What a screen reader says of a cell of the board. */
export function cellWords({ row, column, symbol }) {
  return t("verify.board-cell", { row, column, symbol: symbol === null ? "" : t(`verify.symbol-${symbol}`) });
}

/** A swap as the two cells it exchanges, columns a..h and rows 1..8 from the top: c5 ↔ d5. */
export function swapWords({ cell, direction }) {
  return `${placeWords(cell)} ↔ ${placeWords(direction === 0 ? cell + 1 : cell + SIDE)}`;
}

const placeWords = (cell) => `${"abcdefgh"[cell % SIDE]}${Math.floor(cell / SIDE) + 1}`;

/** Milliseconds as seconds with three digits: 12,345 s. */
export function seconds(ms) {
  return `${new Intl.NumberFormat(language(), { minimumFractionDigits: 3 }).format(ms / 1000)} s`;
}

/** A course by its name; one that has no text stands by its own name. */
export function courseWords(course) {
  return course === "sprint" || course === "climb" ? t(`verify.${course}`) : course;
}

/** Hexadecimal digits in groups of four, as they stand on a poster. */
export const grouped = (digits) => digits.replace(/(.{4})(?=.)/g, "$1 ");

/** Scrolls as far as it takes to see an element, at once for whoever asked for less motion. */
export function bringIntoView(element) {
  element.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
}

/** Writes a text into an element unless it stands there already. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
