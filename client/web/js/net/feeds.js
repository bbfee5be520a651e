/**
 * Which standings a connection keeps up to date, and under which feed number each arrives.
 *
 * What is watched outlives a connection: after a reconnect every feed goes on from the (epoch, version) that its
 * standings have reached. Feed numbers do not: the server gives new ones.
 */
export class Feeds {
  #watched = new Map(); // standings → {feed: number or null, settle: {resolve, reject} or null}
  #by_number = new Map(); // feed → standings

  /** Watch these standings from now on; the promise is kept by the first WATCHING, or broken by a Reject. */
  add(standings) {
    return new Promise((resolve, reject) => {
      this.#watched.set(standings, { feed: null, settle: { resolve, reject } });
    });
  }

  /** Watch them no more. Returns their feed's number, or null. */
  remove(standings) {
    const entry = this.#watched.get(standings);
    this.#watched.delete(standings);
    const feed = entry?.feed ?? null;
    this.#by_number.delete(feed);
    return feed;
  }

  /** Whether these standings are watched. */
  has(standings) {
    return this.#watched.has(standings);
  }

  /** All standings that are watched. */
  all() {
    return [...this.#watched.keys()];
  }

  /** The server answered WATCH. */
  opened(standings, reply) {
    const entry = this.#watched.get(standings);
    entry.feed = reply.feed;
    this.#by_number.set(reply.feed, standings);
    entry.settle?.resolve(reply);
    entry.settle = null;
  }

  /** The server refused WATCH. Returns whether somebody was told by the promise of `add`. */
  refused(standings, error) {
    const entry = this.#watched.get(standings);
    this.remove(standings);
    entry?.settle?.reject(error);
    return Boolean(entry?.settle);
  }

  /** The connection is gone and its numbers with it. */
  forget_numbers() {
    this.#by_number.clear();
    for (const entry of this.#watched.values()) entry.feed = null;
  }

  /** The standings that a push belongs to, or undefined. */
  of(push) {
    return this.#by_number.get(push.feed);
  }
}
