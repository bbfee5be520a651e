/** Bundles as the server gives them: bytes, to be checked and to be kept. */

import { HttpError } from "./http.js";

const TIMEOUT_MS = 60_000; // a whole heat over a hall's network

/**
 * The bundle of a finished solo run.
 *
 * @returns {Promise<Uint8Array>}
 * @throws {HttpError} status 0 where no answer came
 */
export async function runBundle(run, fetch = globalThis.fetch.bind(globalThis)) {
  let response;
  try {
    response = await fetch(`/api/runs/${encodeURIComponent(run)}/bundle`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new HttpError(0, {});
  }
  throw new HttpError(response.status, {});
}
