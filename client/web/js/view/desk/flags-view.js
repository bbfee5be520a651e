/** What is unusual about a run: each number with its threshold, what else may be behind it, and the moves to look at. */

import { language, number, t } from "../../i18n/i18n.js";
import { byChance, rightOf100, sorted } from "../../state/desk-flags.js";
import { stamp } from "../shared/template.js";

const whole = (value) => number(Math.round(value));
const tenth = (value) => decimal(value, 1);
const percent = (value) => `${decimal(100 * value, 0)} %`;
const finePercent = (value) => `${decimal(100 * value, value < 0.1 ? 2 : 0)} %`;

/** How a flag's number and threshold are written. */
const NUMBERS = {
  leak: tenth,
  leak_all: tenth,
  reaction: (value) => `${whole(value)} ms`,
  quick_reactions: whole,
  cadence: percent,
  streak: percent,
  riding: percent,
  best: tenth,
  speed: percent,
  twin: whole,
  links: whole,
};

/** How facts are written that are no whole numbers. */
const FACTS = { rate: percent, regret: tenth };

export class FlagsView {
  #parts;
  #goTo;
  #report = null;

  /**
   * @param {Record<string, HTMLElement>} parts of the template `run-detail`
   * @param {{goTo: (seq: number) => void, lookCloser: () => void}} hands
   */
  constructor(parts, { goTo, lookCloser }) {
    this.#parts = parts;
    this.#goTo = goTo;
    parts.flagsCloser.addEventListener("click", () => {
      parts.flagsCloser.disabled = true;
      lookCloser();
    });
    this.relabel();
  }

  /** @param {object | null} report as `GET /api/desk/runs/RUN/flags` gives it; null: there is none (yet) */
  show(report) {
    this.#report = report;
    this.relabel();
  }

  relabel() {
    const { flagsSum, flagsChance, flagsRaised, flagsRest, flagsAll, flagsCloser } = this.#parts;
    const report = this.#report;
    for (const part of [flagsChance, flagsAll, flagsCloser]) part.hidden = report === null;
    if (report === null) {
      flagsSum.textContent = t("desk.flags-none-yet");
      flagsRaised.replaceChildren();
      return;
    }
    const { verdict, raised, rest } = sorted(report);
    flagsSum.textContent = t(`desk.flags-${verdict}`, { count: raised.length });
    flagsSum.dataset.verdict = verdict;
    const { runs, expected, most } = byChance(report);
    flagsChance.textContent = t("desk.flags-chance", { runs, expected: tenth(expected), most: tenth(most) });
    flagsRaised.replaceChildren(...raised.map((flag) => this.#card(flag)));
    flagsRest.replaceChildren(...rest.map((flag) => this.#card(flag)));
    flagsCloser.disabled = report.resamples > 40;
  }

  #card(flag) {
    const parts = stamp("flag-card");
    parts.root.dataset.kind = flag.kind;
    parts.root.dataset.raised = String(flag.is_raised);
    parts.title.textContent = t(`desk.flag-${flag.kind}`);
    parts.how.textContent = t(`desk.flag-${flag.kind}-how`);
    parts.number.textContent = numberWords(flag);
    parts.causes.replaceChildren(...flag.causes.map(causeItem));
    parts.rates.textContent = rateWords(flag);
    parts.links.replaceChildren(...flag.seqs.map((seq) => this.#link(seq)), ...otherRun(flag));
    return parts.root;
  }

  #link(seq) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--quiet flag-link";
    button.value = String(seq);
    button.textContent = t("desk.flag-move", { seq });
    button.addEventListener("click", () => this.#goTo(seq));
    return button;
  }
}

function numberWords({ kind, number: value, threshold, sense, weight, facts }) {
  if (value === null) return t("desk.flag-too-little");
  const written = Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, FACTS[name]?.(fact) ?? fact]));
  const found = t(`desk.flag-${kind}-number`, { ...written, number: NUMBERS[kind](value) });
  if (weight === "remark") return found;
  return `${found} ${t(`desk.flag-${sense}`, { threshold: NUMBERS[kind](threshold) })}`;
}

function rateWords({ kind, honest, power, weight }) {
  const often = { flagged: honest.flagged, of: honest.of, most: finePercent(honest.most) };
  const words = [t(kind === "leak_all" ? "desk.flag-honest-entries" : "desk.flag-honest", often)];
  if (power !== null) {
    const cheat = t(`desk.cheat-${power.cheat}`);
    words.push(t("desk.flag-power", { percent: percent(power.flagged / power.of), cheat }));
    words.push(t("desk.flag-right", { right: whole(rightOf100({ honest, power })) }));
  }
  if (weight === "in_pairs") words.push(t("desk.flag-in-pairs"));
  return words.join(" ");
}

function causeItem(cause) {
  const item = document.createElement("li");
  item.textContent = t(`desk.cause-${cause}`);
  return item;
}

/** The way to the run that a twin goes along with. */
function otherRun({ kind, facts, is_raised: isRaised }) {
  if (kind !== "twin" || !isRaised) return [];
  const link = document.createElement("a");
  link.className = "button button--quiet flag-link";
  link.href = `#/run/${encodeURIComponent(facts.run)}`;
  link.textContent = t("desk.flag-other-run");
  return [link];
}

function decimal(value, digits) {
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language(), format).format(value);
}
