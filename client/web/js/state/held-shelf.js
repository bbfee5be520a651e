/**
 * All that this device holds of one event: one `Held` for each key that the event was ever heard to sign with.
 *
 * An event has one key. Where another one is heard, somebody began anew under an old name, or somebody cheats; this device cannot
 * know which. So it mixes nothing and forgets nothing: what it heard under a key stays a file of its own, which holds that key
 * against any bundle (PROOF.md, section 5). It is used like the Held of the key that was heard last.
 */

import { Held, placeOf } from "./held.js";

/** Of so many keys beside the first something is written down; of more it is kept as long as the page. */
export const OTHERS_MAX = 4;

/** Digits of a key that stand in the name of its file; two keys that share them would share only a name. */
const NAME_DIGITS = 8;

export class HeldShelf {
  #event;
  #storage;
  #later;
  #all;
  #current;

  /** As of `Held`. */
  constructor(event, storage, later = undefined) {
    this.#event = event;
    this.#storage = storage;
    this.#later = later;
    this.#current = new Held(event, storage, later);
    const others = placesBelow(storage, `${placeOf(event)}.`).map((place) => new Held(event, storage, later, place));
    this.#all = [this.#current, ...others.filter(({ key }) => key !== null)];
  }

  /** The key that the event signs with now: from here on, everything that is heard goes to what is held under it. */
  set key(key) {
    if (this.#current.key === key) return;
    const known = this.#all.find((held) => held.key === key) ?? (this.#first.key === null ? this.#first : this.#open(key));
    known.key = key;
    this.#current = known;
  }

  get key() {
    return this.#current.key;
  }

  /** Whether the event signs with another key than when this device first heard of it. */
  get isAnotherKey() {
    return this.#current !== this.#first;
  }

  /** Whether something is held under more than one key. */
  get hasOthers() {
    return this.#all.length > 1;
  }

  /** The held files, `{name, text}`: the one under the present key, null before there is one, and those under other keys. */
  get files() {
    const others = this.#all.filter((held) => held !== this.#current);
    return { present: this.#file(this.#current), others: others.map((held) => this.#file(held)).filter((file) => file !== null) };
  }

  set commitments(list) {
    this.#current.commitments = list;
  }

  get commitments() {
    return this.#current.commitments;
  }

  prepared(promise) {
    this.#current.prepared(promise);
  }

  nonce(run, nonce) {
    this.#current.nonce(run, nonce);
  }

  hear(message) {
    this.#current.hear(message);
  }

  save() {
    this.#current.save();
  }

  get #first() {
    return this.#all[0];
  }

  #open(key) {
    const storage = this.#all.length > OTHERS_MAX ? null : this.#storage;
    const fresh = new Held(this.#event, storage, this.#later, `${placeOf(this.#event)}.${key}`);
    this.#all.push(fresh);
    return fresh;
  }

  #file(held) {
    const text = held.file();
    const under = held === this.#first ? "" : `-${held.key?.slice(0, NAME_DIGITS)}`;
    return text === null ? null : { name: `knackpunkt-${this.#event}-held${under}.json`, text };
  }
}

function placesBelow(storage, place) {
  if (storage === null) return [];
  const places = Array.from({ length: storage.length }, (_, number) => storage.key(number));
  return places.filter((name) => name.startsWith(place)).sort();
}
