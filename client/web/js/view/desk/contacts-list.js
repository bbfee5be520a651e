/** The contact requests, newest first, each with a mark for done. */

import { dateTime, t } from "../../i18n/i18n.js";
import { stamp } from "../shared/template.js";

export class ContactsList {
  #list = document.getElementById("contacts");
  #none = document.getElementById("no-contacts");
  #open = document.getElementById("open-contacts");
  #mark;
  #items = new Map();

  /** @param {(contact: string, done: boolean) => void} mark called when a mark is set or taken back */
  constructor(mark) {
    this.#mark = mark;
  }

  /**
   * @param {{contact: string, asked_at_ms: number, first_name: string, last_name: string, email: string, concern: string,
   *   done_at_ms: number | null, done_by: string}[]} contacts newest first
   */
  show(contacts) {
    const before = this.#items;
    this.#items = new Map(contacts.map((row) => [row.contact, before.get(row.contact) ?? this.#item(row)]));
    for (const row of contacts) follow(this.#items.get(row.contact), row);
    const elements = [...this.#items.values()].map(({ root }) => root);
    if (elements.length !== this.#list.children.length || elements.some((element, place) => element !== this.#list.children[place])) {
      this.#list.replaceChildren(...elements);
    }
    this.#none.hidden = contacts.length > 0;
    const count = contacts.filter((row) => row.done_at_ms === null).length;
    this.#open.hidden = count === 0;
    this.#open.textContent = t("desk.open-contacts", { count });
  }

  #item(row) {
    const parts = stamp("contact-row");
    parts.root.dataset.contact = row.contact;
    parts.name.textContent = `${row.first_name} ${row.last_name}`;
    parts.email.textContent = row.email;
    parts.email.href = `mailto:${encodeURIComponent(row.email)}`;
    parts.concern.textContent = row.concern;
    parts.time.dateTime = new Date(row.asked_at_ms).toISOString();
    parts.mark.addEventListener("change", () => this.#mark(row.contact, parts.mark.checked));
    return parts;
  }
}

function follow({ root, time, done, mark }, row) {
  const isDone = row.done_at_ms !== null;
  root.dataset.done = String(isDone);
  mark.checked = isDone;
  time.textContent = dateTime(row.asked_at_ms);
  done.textContent = isDone ? `· ${t("desk.done-by", { name: row.done_by, time: dateTime(row.done_at_ms) })}` : "";
}
