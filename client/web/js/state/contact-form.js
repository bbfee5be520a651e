/** The contact form: its fields and what is wrong with what somebody typed; the server checks the same again. */

/** field -> most characters (as in the server's table), in the order of the page */
export const FIELDS = { first_name: 80, last_name: 80, email: 254, concern: 4_000 };

/** Controls, separators of lines and paragraphs, half surrogates: what no field can show. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const UNSHOWABLE_LINES = /[^\P{Cc}\n\t]|[\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Enough to catch a slip of the thumb: one @, no space, a dot with at least two letters behind it. The server decides.
 */
const EMAIL = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\.]+(\.[^\s@<>,;:"()[\]\\.]+)*\.[^\s@<>,;:"()[\]\\.\d]{2,}$/u;

/**
 * What is wrong, field by field; an empty object when nothing is.
 *
 * @param {Record<string, string>} values
 * @returns {Record<string, "required" | "too_long" | "characters" | "email">}
 */
export function problems(values) {
  const found = {};
  for (const field of Object.keys(FIELDS)) {
    const code = problem(field, values[field] ?? "");
    if (code !== null) found[field] = code;
  }
  return found;
}

function problem(field, value) {
  const text = value.replaceAll("\r\n", "\n").normalize("NFC").trim();
  if (text === "") return "required";
  if ((field === "concern" ? UNSHOWABLE_LINES : UNSHOWABLE).test(text)) return "characters";
  if ([...text].length > FIELDS[field]) return "too_long";
  if (field === "email" && !EMAIL.test(text)) return "email";
  return null;
}

/** What has been typed and not been sent, kept for this tab: a reload or a dead battery loses no word. */
export class Draft {
  #storage;

  /** @param {Storage | null} storage null where the browser forbids it; the draft then lasts as long as the page */
  constructor(storage) {
    this.#storage = storage;
  }

  static KEY = "knack.contact";

  read() {
    try {
      const kept = JSON.parse(this.#storage?.getItem(Draft.KEY) ?? "{}");
      return Object.fromEntries(Object.keys(FIELDS).map((field) => [field, typeof kept?.[field] === "string" ? kept[field] : ""]));
    } catch {
      return Object.fromEntries(Object.keys(FIELDS).map((field) => [field, ""]));
    }
  }

  keep(values) {
    try {
      this.#storage?.setItem(Draft.KEY, JSON.stringify(values));
    } catch {
      // A full or forbidden storage takes nothing; the words still stand in the form.
    }
  }

  drop() {
    this.#storage?.removeItem(Draft.KEY);
  }
}
