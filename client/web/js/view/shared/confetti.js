/** Confetti for a cracked highscore: paper that falls once over the whole screen and leaves nothing behind. */

import { calm } from "../board-motion.js";

const LASTS_MS = 4_500;
const PIECES = 180;
/** Parts of the screen's height per second squared, and per second. */
const GRAVITY = 0.55;
const LAUNCH = 0.95;
const COLOURS = ["--symbol-0", "--symbol-1", "--symbol-2", "--symbol-3", "--mint", "--ink"];

/**
 * Let it rain on a canvas that covers the screen.
 *
 * Pieces are the size of a letter at any resolution. Nothing is drawn for who asked for less motion.
 */
export function confetti(canvas) {
  if (calm()) return;
  const { innerWidth: width, innerHeight: height } = window;
  canvas.width = width;
  canvas.height = height;
  canvas.hidden = false;
  const styles = getComputedStyle(document.documentElement);
  const colours = COLOURS.map((name) => styles.getPropertyValue(name));
  const pieces = Array.from({ length: PIECES }, (_, index) => piece(index, colours));
  const paper = canvas.getContext("2d");
  const startMs = performance.now();
  const draw = (nowMs) => {
    const seconds = Math.max(0, nowMs - startMs) / 1000;
    paper.clearRect(0, 0, width, height);
    if (seconds * 1000 > LASTS_MS) {
      canvas.hidden = true;
      return;
    }
    paper.globalAlpha = Math.min(1, (LASTS_MS / 1000 - seconds) * 2);
    for (const one of pieces) {
      const x = (one.x + one.vx * seconds + one.sway * Math.sin(seconds * one.pace)) * width;
      const y = (1.02 - one.vy * seconds + (GRAVITY * seconds * seconds) / 2) * height;
      const turn = one.turn + one.pace * seconds;
      const size = one.size * height;
      paper.fillStyle = one.colour;
      paper.setTransform(Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), x, y);
      paper.fillRect(-size / 2, -size / 4, size, (size / 2) * Math.abs(Math.cos(turn * 1.7)));
    }
    paper.setTransform(1, 0, 0, 1, 0, 0);
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
}

/** Two cannons at the lower corners shoot to the middle. */
function piece(index, colours) {
  const left = index % 2 === 0;
  const side = left ? 1 : -1;
  return {
    x: left ? -0.02 : 1.02,
    vx: side * (0.05 + Math.random() * 0.35),
    vy: LAUNCH * (0.45 + Math.random() * 0.6),
    sway: 0.005 + Math.random() * 0.012,
    pace: 2 + Math.random() * 4,
    turn: Math.random() * 6.3,
    size: 0.012 + Math.random() * 0.016,
    colour: colours[index % colours.length],
  };
}
