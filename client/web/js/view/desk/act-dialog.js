/** The one question before an act: what will happen, and why it should. */

import { t } from "../../i18n/i18n.js";
import { REASON_MAX, actProblems, needsText } from "../../state/desk-words.js";

export class ActDialog {
  #dialog = document.getElementById("act-dialog");
  #text = document.getElementById("act-text");
  #reason = document.getElementById("act-reason");
  #confirm = document.getElementById("act-confirm");
  #trouble = document.getElementById("act-trouble");
  #perform;
  #question = null;

  /**
   * @param {(act: {kind: string, target: string, text: string, reason: string}) => Promise<string>} perform does the act;
   *   resolves to "" when it is done, else to words that say why not
   */
  constructor(perform) {
    this.#perform = perform;
    document.getElementById("act-cancel").addEventListener("click", () => this.#dialog.close());
    document.getElementById("act-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    for (const field of [this.#text, this.#reason]) field.addEventListener("input", () => write(field, ""));
  }

  /**
   * Ask.
   *
   * @param {{kind: string, target: string, about: () => string, effect: string}} question `about` says in words whom or
   *   what the act is about, `effect` is the end of the key of the text that says what will happen
   */
  ask(question) {
    this.#question = question;
    this.#text.value = "";
    this.#reason.value = "";
    write(this.#text, "");
    write(this.#reason, "");
    this.#trouble.hidden = true;
    this.relabel();
    this.#dialog.showModal();
    (needsText(question.kind) ? this.#text : this.#reason).focus();
  }

  /** Close without an act. */
  close() {
    this.#dialog.close();
  }

  relabel() {
    if (this.#question === null) return;
    const { kind, about, effect } = this.#question;
    document.getElementById("act-heading").textContent = t(`desk.act-${kind}`);
    document.getElementById("act-about").textContent = about();
    document.getElementById("act-effect").textContent = t(`desk.effect-${effect}`);
    document.getElementById("act-text-field").hidden = !needsText(kind);
    this.#confirm.textContent = t(this.#confirm.disabled ? "desk.working" : `desk.act-${kind}`);
  }

  async #submit() {
    if (this.#confirm.disabled) return;
    const { kind, target } = this.#question;
    const [text, reason] = [this.#text.value, this.#reason.value];
    const problems = actProblems(kind, { text, reason });
    for (const [name, field] of [["reason", this.#reason], ["text", this.#text]]) {
      write(field, problems[name] === undefined ? "" : t(`desk.problem-${problems[name]}`, { max: REASON_MAX }));
      if (problems[name] !== undefined) field.focus();
    }
    if (Object.keys(problems).length > 0) return;
    this.#busy(true);
    const trouble = await this.#perform({ kind, target, text, reason });
    this.#busy(false);
    this.#trouble.hidden = trouble === "";
    this.#trouble.textContent = trouble;
    if (trouble === "") this.#dialog.close();
  }

  #busy(busy) {
    this.#confirm.disabled = busy;
    this.relabel();
  }
}

function write(field, problem) {
  document.getElementById(`${field.id}-problem`).textContent = problem;
  if (problem === "") field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
}

/** Words for an act that the server refused. */
export function faultWords(error) {
  try {
    return t(`desk.fault-${error}`, { max: REASON_MAX });
  } catch {
    return null;
  }
}
