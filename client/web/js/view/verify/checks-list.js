/** The checks one below the other, each as it begins and passes. */

import { number, t } from "../../i18n/i18n.js";
import { stamp } from "../shared/template.js";
import { put } from "./words.js";

const SIGNS = Object.freeze({ running: "…", passed: "✓", failed: "✗" });

export class ChecksList {
  #list = document.getElementById("checks");
  #rows = new Map();

  clear() {
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  /** A check begins, or goes on at another place. */
  begin(check) {
    const row = this.#rows.get(check) ?? this.#add(check);
    row.state = "running";
    this.#show(row);
  }

  /** It has passed, here. */
  pass(check) {
    const row = this.#rows.get(check) ?? this.#add(check);
    row.state = "passed";
    row.count += 1;
    this.#show(row);
  }

  /** It is the first thing that is wrong. */
  fail(check) {
    const row = this.#rows.get(check) ?? this.#add(check);
    row.state = "failed";
    this.#show(row);
  }

  relabel() {
    for (const row of this.#rows.values()) this.#show(row);
  }

  #add(check) {
    const row = { check, state: "running", count: 0, parts: stamp("check-row") };
    this.#rows.set(check, row);
    row.parts.root.dataset.check = check;
    this.#list.append(row.parts.root);
    return row;
  }

  #show({ check, state, count, parts }) {
    parts.root.dataset.state = state;
    put(parts.sign, SIGNS[state]);
    put(parts.what, t(`verify.check-${check}`));
    put(parts.state, t(`verify.state-${state}`));
    put(parts.count, count > 1 ? `${number(count)}×` : "");
  }
}
