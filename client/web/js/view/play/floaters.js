/** Points that rise from where a line burst, with the step's multiplier beside them. */

import { multiplier, SIDE } from "../../game/board.js";
import { number } from "../../i18n/i18n.js";
import { calm } from "../board-motion.js";

const RISE_MS = 1000;

/** Lets a step's points rise over its lines; the element removes itself. */
export function floatPoints(effects, { lines, points, number: step }) {
  const cells = lines.flatMap((line) => line.cells);
  const element = document.createElement("div");
  element.className = "floater figure";
  element.dataset.step = Math.min(step, 3);
  element.textContent = `+${number(points)}`;
  if (multiplier(step) > 1) {
    const badge = document.createElement("span");
    badge.className = "floater-factor";
    badge.textContent = `×${number(multiplier(step))}`;
    element.append(badge);
  }
  const column = mean(cells.map((cell) => cell % SIDE)) + 0.5;
  const row = mean(cells.map((cell) => Math.floor(cell / SIDE))) + 0.5;
  // Kept off the side walls, where a wide number would leave a phone's screen.
  element.style.left = `${Math.min(88, Math.max(12, (column / SIDE) * 100))}%`;
  element.style.top = `${Math.max(6, (row / SIDE) * 100)}%`;
  effects.append(element);
  const frames = calm()
    ? [{ opacity: 0 }, { opacity: 1, offset: 0.15 }, { opacity: 1, offset: 0.75 }, { opacity: 0 }]
    : [
        { transform: "translate(-50%, -50%) scale(0.4)", opacity: 0, easing: "cubic-bezier(0.2, 1.6, 0.4, 1)" },
        { transform: "translate(-50%, -60%) scale(1)", opacity: 1, offset: 0.2 },
        { transform: "translate(-50%, -95%) scale(1)", opacity: 1, offset: 0.7 },
        { transform: "translate(-50%, -140%) scale(0.95)", opacity: 0 },
      ];
  const motion = element.animate(frames, { duration: RISE_MS, fill: "both" });
  motion.onfinish = motion.oncancel = () => element.remove();
}

function mean(numbers) {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
