/** What of an event can be fetched to be checked, and what can not yet. */

const UNDER_WAY = new Set(["open", "frozen", "countdown", "running", "waiting"]);

/**
 * @param {{ended_at_ms: number | null, heats: {heat: string, phase: string, bundle: boolean}[]}} event as `/api/event` describes it
 * @returns {{all: boolean, heats: string[], underWay: string[], hasHeats: boolean}} whether the whole is published, the heats that are,
 *   those that are being played, and whether any was ever promised
 */
export function sourcesOf({ ended_at_ms: endedAtMs, heats }) {
  const ids = (some) => some.map(({ heat }) => heat);
  return {
    all: endedAtMs !== null,
    heats: ids(heats.filter(({ bundle }) => bundle)),
    underWay: ids(heats.filter(({ bundle, phase }) => !bundle && UNDER_WAY.has(phase))),
    hasHeats: heats.length > 0,
  };
}

const RECEIPT = /^knack-receipt-1\.[a-z0-9-]+\.([a-z0-9-]*)\.([a-z0-9-]+)\./;
const ID = /^[a-z0-9-]{1,32}$/;

/** The run that somebody means, by its id or with a receipt: `{run, heat}`, `heat` "" where nobody says so; null when it is neither. */
export function runOf(text) {
  const said = text.trim();
  const receipt = RECEIPT.exec(said);
  if (receipt !== null) return { heat: receipt[1], run: receipt[2] };
  return ID.test(said) ? { heat: "", run: said } : null;
}
