/** The verdict: what is going on while it is checked, and how it ended, large and honest. */

import { number, t } from "../../i18n/i18n.js";
import { bringIntoView, grouped, put } from "./words.js";

const SIGNS = Object.freeze({ checking: "…", anchored: "✓", consistent: "✓", wrong: "✗" });

/** What the checker on the command line says last; people compare it. */
const OFFICIAL = Object.freeze({ anchored: () => "OK, anchored", consistent: () => "OK, consistent only", wrong: ({ check }) => `WRONG (${check})` });

/** What would tell a forger of the whole; promises are of heats, so a list says nothing of open play. */
const ANCHORS = Object.freeze(["key", "commitments", "held"]);

export class VerdictView {
  #root = document.getElementById("verdict");
  #parts = Object.fromEntries(["sign", "heading", "said", "official", "text", "anchors"].map((name) => [name, document.getElementById(`verdict-${name}`)]));
  #progress = document.getElementById("progress");
  #again = document.getElementById("again");
  #report = null;
  #count = { done: 0, of: 0 };

  /**
   * @param {{onAgain: () => void, onOther: () => void}} does `onAgain` adds anchors and checks anew, `onOther` begins from the start
   */
  constructor({ onAgain, onOther }) {
    this.#again.addEventListener("click", onAgain);
    document.getElementById("other").addEventListener("click", onOther);
  }

  /** A check begins. */
  begin() {
    this.#report = null;
    this.progress(0, 0);
    this.relabel();
    this.#parts.heading.focus();
  }

  /** So many of so many runs have passed; a fraction for the one that is being played. */
  progress(done, of) {
    this.#count = { done: Math.floor(done), of };
    this.#progress.max = Math.max(of, 1);
    this.#progress.value = done;
    if (this.#report === null) this.#label();
  }

  /** How it ended; whoever watches the board sees it, too. */
  end(report) {
    this.#report = report;
    this.relabel();
    bringIntoView(this.#root);
  }

  relabel() {
    const report = this.#report;
    const verdict = report?.verdict ?? "checking";
    this.#root.dataset.verdict = verdict;
    const { sign, heading, said, official, anchors } = this.#parts;
    put(sign, SIGNS[verdict]);
    put(heading, t(`verify.verdict-${verdict}`));
    put(said, report === null ? "" : t(`verify.verdict-${verdict}`)); // told to whoever listens, once and not at every run
    official.hidden = report === null;
    if (report !== null) put(official, OFFICIAL[verdict](report.wrong ?? {}));
    this.#progress.hidden = report !== null;
    this.#again.hidden = report === null || report.verdict === "wrong" || missingIn(report).length === 0;
    const found = report === null ? [] : LISTS[verdict](report);
    anchors.hidden = found.length === 0;
    anchors.replaceChildren(...found.map(item));
    this.#label();
  }

  #label() {
    const { done, of } = this.#count;
    const report = this.#report;
    if (report === null) put(this.#parts.text, of === 0 ? t("verify.reading") : t("verify.checked", { count: of, done }));
    else put(this.#parts.text, t(`verify.explain-${report.verdict}`, { check: report.wrong === null ? "" : t(`verify.check-${report.wrong.check}`) }));
  }
}

const LISTS = Object.freeze({
  anchored: (report) => [
    ...report.anchoredBy.map((agreement) => ({ text: agreementWords(agreement) })),
    ...missingIn(report).map((anchor) => ({ text: t("verify.not-compared", { what: t(`verify.missing-anchor-${anchor}`) }), isMissing: true })),
  ],
  consistent: (report) => missingIn(report).map((anchor) => ({ text: t(`verify.missing-anchor-${anchor}`) })),
  wrong: ({ wrong }) => [{ text: `${wrong.where}: ${wrong.what}`, lang: "en" }],
});

function missingIn({ anchoredBy, contents }) {
  const agreed = new Set(anchoredBy.map(({ anchor }) => anchor));
  return ANCHORS.filter((anchor) => !agreed.has(anchor) && (anchor !== "commitments" || contents.hasPromises));
}

function agreementWords({ anchor, name, counts }) {
  if (anchor !== "held") return t(`verify.agrees-${anchor}`);
  const parts = Object.entries(counts).map(([what, count]) => t(`verify.agrees-${what}`, { count }));
  return t("verify.agrees-held", { name, what: [t("verify.agrees-own-key"), ...parts].join(", ") });
}

function item({ text, lang, isMissing = false }) {
  const line = document.createElement("li");
  line.textContent = text;
  line.dataset.missing = String(isMissing);
  if (lang !== undefined) line.lang = lang;
  return line;
}

/** What a bundle holds, as facts with a heading each: `[heading, text]`; of one that is wrong, nothing is counted. */
export function factsOf({ sha256, contents, wrong }) {
  const file = [t("verify.fact-sha"), grouped(sha256)];
  if (contents === null) return [file];
  const key = [t("verify.fact-key"), grouped(contents.fingerprint)];
  if (wrong !== null) return [key, file];
  const { runs, moves, digests, acts } = contents;
  return [
    key,
    [t("verify.fact-runs"), number(runs)],
    [t("verify.fact-moves"), number(moves)],
    [t("verify.fact-digests"), number(digests)],
    [t("verify.fact-acts"), number(acts)],
    file,
  ];
}
