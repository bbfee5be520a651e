/** A run's log, event by event; the replay marks where it is. */

import { number, t } from "../../i18n/i18n.js";
import { stamp } from "../shared/template.js";
import { seconds, swapWords } from "./words.js";

/** event type -> what happened, in words */
const WHAT = {
  move: ({ cell, direction, steps }) => `${swapWords(cell, direction)}${steps > 1 ? ` · ${number(steps)}×` : ""}`,
  illegal: ({ cell, direction }) => swapWords(cell, direction),
  shuffle: ({ attempt }) => t("desk.shuffle-what", { attempt }),
  connection: ({ kind }) => t(`desk.connection-${kind}`),
  level: ({ level, bonus }) => t("desk.level-what", { level: level + 1, bonus }),
  end: ({ reason }) => t(`desk.end-${reason}`),
};

export class LogTable {
  #body;
  #scroll;
  #rows = new Map();
  #marked = null;

  /** @param {HTMLElement} body the table's body, inside an element that scrolls */
  constructor(body) {
    this.#body = body;
    this.#scroll = body.closest(".log-scroll");
  }

  /** @param {object[]} events as `GET /api/desk/runs/RUN` gives them */
  show(events) {
    this.#rows = new Map(events.map((event) => [event.seq, row(event)]));
    this.#body.replaceChildren(...this.#rows.values());
    this.mark(this.#marked);
  }

  /** Mark the event that the replay shows, and bring it into view within the table. */
  mark(seq) {
    this.#rows.get(this.#marked)?.removeAttribute("aria-current");
    this.#marked = seq;
    const current = this.#rows.get(seq);
    if (current === undefined) return;
    current.setAttribute("aria-current", "true");
    const [top, bottom] = [current.offsetTop, current.offsetTop + current.offsetHeight];
    if (top < this.#scroll.scrollTop + current.offsetHeight || bottom > this.#scroll.scrollTop + this.#scroll.clientHeight) {
      this.#scroll.scrollTop = top - this.#scroll.clientHeight / 2;
    }
  }
}

function row(event) {
  const { root, seq, kind, arrived, counted, what, points, score } = stamp("log-row");
  root.dataset.seq = String(event.seq);
  root.dataset.type = event.type;
  seq.textContent = number(event.seq);
  kind.textContent = t(`desk.log-${event.type}`);
  arrived.textContent = event.t_arr === undefined ? "" : seconds(event.t_arr);
  counted.textContent = timeOf(event);
  what.textContent = WHAT[event.type](event);
  points.textContent = event.points === undefined ? "" : `+${number(event.points)}`;
  score.textContent = event.score === undefined ? "" : number(event.score);
  return root;
}

function timeOf({ t_eff: effective, t: at }) {
  const ms = effective ?? at;
  return ms === undefined ? "" : seconds(ms);
}
