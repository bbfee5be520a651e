/** What a connection needs of its surroundings; tests hand over their own. */

/** The browser's sockets, timers, chance and signals. */
export function browser() {
  return {
    WebSocket: globalThis.WebSocket,
    setTimeout: globalThis.setTimeout.bind(globalThis),
    clearTimeout: globalThis.clearTimeout.bind(globalThis),
    random: Math.random,
    signals: globalThis, // of `online`, `offline`, and `visibilitychange`, which bubbles up from the document
  };
}

/** The address of the WebSocket beside the page at `location`. */
export function socketUrl({ protocol, host }) {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/ws`;
}
