/**
 * The HTTP API as functions that give JSON or throw `HttpError` (protocol/README.md, chapter HTTP).
 */

const TIMEOUT_MS = 10_000; // longer than any answer takes; a phone that lost its network should say so while one waits

/** An answer that is not a success; `status` 0: no answer came. `body` is its JSON, {} where it has none. */
export class HttpError extends Error {
  constructor(status, body) {
    super(`HTTP ${status}`);
    this.name = "HttpError";
    this.status = status;
    this.body = body;
  }
}

/** What everybody may ask about an event; `event` empty: the current one. */
export class Api {
  #ask;

  constructor({ event = "", fetch = globalThis.fetch.bind(globalThis) } = {}) {
    this.#ask = asker({ event, fetch, headers: {} });
  }

  /** {event, title, kind: live | rehearsal, courses, retention_days, version, ended_at_ms, heats} */
  event() {
    return this.#ask("GET", "/api/event");
  }

  /** {event, course, epoch, version, sha256, rows} */
  standings(course) {
    return this.#ask("GET", "/api/standings", { course });
  }

  /** {key, fingerprint}: the key that everything is signed with */
  key() {
    return this.#ask("GET", "/api/key");
  }

  /** {event, text, signature, key, fingerprint}: the signed list of commitments, null before it is published, and the key */
  commitments() {
    return this.#ask("GET", "/api/commitments");
  }

  /** The signed receipt of a finished run, as text */
  async receipt(run) {
    const { receipt } = await this.#ask("GET", `/api/runs/${encodeURIComponent(run)}/receipt`);
    return receipt;
  }

  /** The address that phones open, or null where only this computer can join */
  async joinAddress() {
    const { url } = await this.#ask("GET", "/api/join");
    return url;
  }

  /** {form, retention_days} */
  contactForm() {
    return this.#ask("GET", "/api/contact");
  }

  /** {id}; HttpError 400 with `body.errors`, 429 with `body.wait_ms` */
  sendContact(request) {
    return this.#ask("POST", "/api/contact", {}, request);
  }
}

/** The address that phones open for an event, or null where only this computer can join. */
export const joinAddress = (event) => new Api({ event }).joinAddress();

/** Where the picture of that address lies, as a QR code; there is none where the address is null. */
export const joinCodeAddress = (event) => `/api/join.svg${searchOf({ event })}`;

/** Where the picture of a finished run's receipt lies, as a QR code. */
export const receiptCodeAddress = (run) => `/api/runs/${encodeURIComponent(run)}/receipt.svg`;

/** What a moderator's desk may ask; HttpError 401 where the token is not, or no longer, good. */
export class DeskApi {
  #ask;

  constructor({ token, event = "", fetch = globalThis.fetch.bind(globalThis) }) {
    this.#ask = asker({ event, fetch, headers: { Authorization: `Bearer ${token}` } });
  }

  /** {name, event, kind: live | rehearsal, ended_at_ms}: whose token this is, and since when the event is over */
  whoAmI() {
    return this.#ask("GET", "/api/desk");
  }

  /** One page of runs that fit */
  runs({ course = "", search = "", page = 1 } = {}) {
    return this.#ask("GET", "/api/desk/runs", { course, search, page });
  }

  /** A run's log and its replay */
  run(run) {
    return this.#ask("GET", `/api/desk/runs/${encodeURIComponent(run)}`);
  }

  /** What is unusual about a run; null before its T0, and while its heat's boards are hidden */
  flags(run, resamples = 40) {
    return this.#ask("GET", `/api/desk/runs/${encodeURIComponent(run)}/flags`, { resamples });
  }

  /** All acts of moderators */
  acts() {
    return this.#ask("GET", "/api/desk/acts");
  }

  /** Void, restore, hide_name, replace_name, show_name, undo; gives the act */
  act({ kind, target, text = "", reason }) {
    return this.#ask("POST", "/api/desk/acts", {}, { kind, target, text, reason });
  }

  /** The heats and what was published of them */
  heats() {
    return this.#ask("GET", "/api/desk/heats");
  }

  /** Commit to a heat and its reruns; gives all heats, like every order below */
  prepareHeat({ heat, course, scope, reruns }) {
    return this.#ask("POST", "/api/desk/heats", {}, { heat, course, scope, reruns });
  }

  /** Sign and publish the list of commitments, for good */
  publishHeats() {
    return this.#ask("POST", "/api/desk/commitments", {}, {});
  }

  /** End the event, for good; gives {event, title, ended_at_ms}. HttpError 409 with `body.runs` and `body.heats` while something goes on */
  endEvent() {
    return this.#ask("POST", "/api/desk/event", {}, { step: "end" });
  }

  /** Take a heat one step further: open, freeze, type (with a text), start; or close a lobby that was opened */
  stepHeat(heat, { step, text = "" }) {
    return this.#ask("POST", `/api/desk/heats/${encodeURIComponent(heat)}`, {}, { step, text });
  }

  /** The rehearsals of this server, whatever event the desk is for */
  async rehearsals() {
    const { rehearsals } = await this.#ask("GET", "/api/desk/rehearsals");
    return rehearsals;
  }

  /** Delete a rehearsal whole */
  deleteRehearsal(event) {
    return this.#ask("DELETE", `/api/desk/rehearsals/${encodeURIComponent(event)}`);
  }

  /** {verdict: valid | voided | superseded | forged, signed, event, run, player, name, course, score} */
  receipt(text) {
    return this.#ask("POST", "/api/desk/receipts", {}, { text });
  }

  /** One page of contact requests */
  contacts({ page = 1 } = {}) {
    return this.#ask("GET", "/api/desk/contacts", { page });
  }

  /** Mark a contact request as done, or not */
  contactDone(id, done) {
    return this.#ask("POST", `/api/desk/contacts/${encodeURIComponent(id)}`, {}, { done });
  }
}

function searchOf(query) {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

function asker({ event, fetch, headers }) {
  return async (method, path, query = {}, body = undefined) => {
    const request = { method, headers: { ...headers }, signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (body !== undefined) {
      request.headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    let response;
    try {
      response = await fetch(path + searchOf({ event, ...query }), request);
    } catch {
      throw new HttpError(0, {});
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new HttpError(response.status, answer);
    return answer;
  };
}
