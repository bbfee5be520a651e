/** What the device remembers: the session's token in localStorage, and in the window's history which run it plays. */

/** The session of one event; the token lives in `localStorage["knack.session.<event>"]` and never in an address. */
export class SessionMemory {
  #storage;
  #key;
  #token = "";

  /** @param {Storage | null} storage null where the browser forbids it; the token then lasts as long as the page */
  constructor(event, storage) {
    this.#storage = storage;
    this.#key = `knack.session.${event}`;
    this.#token = storage?.getItem(this.#key) ?? "";
  }

  get token() {
    return this.#token;
  }

  set token(token) {
    this.#token = token;
    if (token === "") this.#storage?.removeItem(this.#key);
    else this.#storage?.setItem(this.#key, token);
  }
}

/** The run that this window plays, kept in its history entry: it outlives a reload and ends with the window. */
export class RunMemory {
  #history;

  /** @param {History} history */
  constructor(history) {
    this.#history = history;
  }

  get run() {
    return this.#history.state?.run ?? null;
  }

  set run(run) {
    this.#history.replaceState(run === null ? null : { run }, "");
  }
}

/** The window's localStorage, or null where the browser forbids it. */
export function deviceStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
