/** The files that somebody brings to a check, and what each of them is. */

const FORMAT = /"format"\s*:\s*"knackpunkt (bundle|held|names) 1"/;
const COMMITMENTS = "m3/1 commitments\n";

/** What a check can be given; of `held` there may be several. */
export const KINDS = Object.freeze(["bundle", "commitments", "held", "names"]);

/** Which paper these bytes are: one of KINDS, or null. Whether it is in order is the checker's business. */
export function kindOf(bytes) {
  const text = new TextDecoder().decode(bytes);
  // inside a text every quotation mark has a backslash before it: what somebody typed can never look like a format
  return text.startsWith(COMMITMENTS) ? "commitments" : (FORMAT.exec(text)?.[1] ?? null);
}

/** The names of players in a file of names (it proves nothing, and no check reads it); of none or a broken one, no names. */
export function parseNames(bytes) {
  try {
    const { players } = JSON.parse(new TextDecoder().decode(bytes));
    return new Map(players.map(({ player, name }) => [String(player), String(name)]));
  } catch {
    return new Map();
  }
}

/** The papers at hand. Event `change` after each that comes or goes. */
export class Papers extends EventTarget {
  #found = [];

  /** All of them, `{kind, name, bytes}`, in the order of KINDS. */
  get all() {
    return KINDS.flatMap((kind) => this.of(kind));
  }

  /** Those of one kind. */
  of(kind) {
    return this.#found.filter((paper) => paper.kind === kind);
  }

  /** The bundle's bytes, or null. */
  get bundle() {
    return this.of("bundle")[0]?.bytes ?? null;
  }

  /**
   * Takes a file in; another bundle, list or file of names takes the place of the one before.
   *
   * @returns {string | null} its kind, or null when it is none of these papers
   */
  put(name, bytes) {
    const kind = kindOf(bytes);
    if (kind === null) return null;
    this.#found = this.#found.filter((paper) => paper.kind !== kind || (kind === "held" && paper.name !== name));
    this.#found.push({ kind, name, bytes });
    this.dispatchEvent(new Event("change"));
    return kind;
  }

  remove(paper) {
    this.#found = this.#found.filter((other) => other !== paper);
    this.dispatchEvent(new Event("change"));
  }
}
