/** The heats: what was promised, where each one stands, and the next step of each. */

import { t } from "../../i18n/i18n.js";
import { HEAT_STEPS, canVoid, heatState, nextStep, stageLength } from "../../state/desk-heats.js";
import { checkAddress } from "../shared/page-links.js";
import { stamp } from "../shared/template.js";
import { courseName } from "./words.js";

/** Digits of a hash that people compare by eye. */
const HASH_DIGITS = 8;

export class HeatsList {
  #list = document.getElementById("heats");
  #none = document.getElementById("no-heats");
  #form = document.getElementById("heat-form");
  #publish = document.getElementById("heats-publish");
  #published = document.getElementById("heats-published");
  #actions;
  #items = new Map();
  #told = null;
  #isClosed = false;

  /**
   * @param {object} actions
   * @param {(heat: {heat: string, course: string, scope: string, reruns: number}) => void} actions.prepare
   * @param {() => void} actions.publish
   * @param {(heat: string, step: string, text: string) => void} actions.step
   * @param {(heat: string) => void} actions.voidHeat asks for a reason first
   * @param {(heat: string) => void} actions.runs shows the heat's runs
   */
  constructor(actions) {
    this.#actions = actions;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { heat, course, scope, reruns } = this.#form.elements;
      actions.prepare({ heat: heat.value.trim(), course: course.value, scope: scope.value, reruns: Number(reruns.value) });
    });
    this.#publish.addEventListener("click", () => actions.publish());
  }

  /** Whether the heat's bundle is there for everybody. */
  isPublished(heat) {
    return this.#told?.heats.find((row) => row.heat === heat)?.bundle ?? false;
  }

  /** The event is over: no heat is prepared any more. */
  close() {
    this.#isClosed = true;
    this.relabel();
  }

  /** @param {{published: object | null, heats: object[]}} told as `/api/desk/heats` has it */
  show(told) {
    if (this.#told !== null && told.heats.length > this.#told.heats.length) this.#form.elements.heat.value = "";
    this.#told = told;
    this.relabel();
  }

  relabel() {
    if (this.#told === null) return;
    const { published, heats } = this.#told;
    const before = this.#items;
    this.#items = new Map(heats.map((row) => [row.heat, before.get(row.heat) ?? this.#item(row)]));
    for (const row of heats) follow(this.#items.get(row.heat), row);
    const elements = [...this.#items.values()].map(({ root }) => root);
    if (elements.length !== this.#list.children.length || elements.some((element, place) => element !== this.#list.children[place])) {
      this.#list.replaceChildren(...elements);
    }
    this.#none.hidden = heats.length > 0;
    this.#form.hidden = published !== null || this.#isClosed;
    this.#publish.hidden = published !== null || heats.length === 0 || this.#isClosed;
    this.#published.textContent =
      published === null ? t("desk.heats-open") : t("desk.heats-published", { fingerprint: published.fingerprint.replaceAll(/(.{4})(?=.)/g, "$1 ") });
  }

  #item({ heat }) {
    const parts = stamp("heat-row");
    parts.root.dataset.heat = heat;
    parts.name.textContent = heat;
    for (const step of HEAT_STEPS) {
      parts[step].addEventListener("click", () => this.#actions.step(heat, step, step === "type" ? parts.text.value : ""));
    }
    parts.close.addEventListener("click", () => this.#actions.step(heat, "close", ""));
    parts.check.href = checkAddress({ heat });
    parts.void.addEventListener("click", () => this.#actions.voidHeat(heat));
    parts.runs.addEventListener("click", () => this.#actions.runs(heat));
    parts.text.addEventListener("input", () => count(parts));
    return parts;
  }
}

function follow(parts, row) {
  const { words, tone } = heatState(row);
  parts.root.dataset.phase = row.phase;
  parts.about.textContent = t(`desk.heat-about-${row.scope}`, { course: courseName(row.course) });
  parts.state.textContent = t(`desk.heat-${words}`);
  parts.state.dataset.tone = tone;
  parts.marked.hidden = !row.interrupted;
  parts.marked.textContent = t("desk.heat-interrupted");
  const hash = row.roster_hash.slice(0, HASH_DIGITS);
  parts.members.textContent = [
    t("desk.heat-members", { count: row.members.length }),
    row.members.map(({ name }) => name || "–").join(", "),
    hash === "" ? "" : t("desk.heat-roster", { hash }),
  ].filter((text) => text !== "").join(" · ");
  parts.public.textContent = row.public === "" ? "" : t("desk.heat-public", { text: row.public.replace(/^stage:/, "") });
  const next = nextStep(row);
  for (const step of HEAT_STEPS) {
    parts[step].hidden = step !== next;
    parts[step].textContent = t(`desk.step-${step}`);
  }
  parts.freeze.disabled = row.members.length === 0;
  parts.field.hidden = next !== "type";
  parts.label.textContent = t("desk.heat-text");
  count(parts);
  parts.close.hidden = !row.may_close;
  parts.close.textContent = t("desk.step-close");
  parts.check.hidden = !row.bundle;
  parts.check.textContent = t("desk.heat-check");
  parts.void.hidden = !canVoid(row);
  parts.void.textContent = t("desk.act-void_heat");
  parts.runs.hidden = row.t0_unix_ms === 0;
  parts.runs.textContent = t("desk.heat-runs");
}

/** How much of the text on stage is there; what is too short cannot be sent. */
function count(parts) {
  const { length, isLongEnough, max } = stageLength(parts.text.value);
  parts.length.textContent = t("desk.heat-length", { count: length, max });
  parts.type.disabled = !isLongEnough;
}
