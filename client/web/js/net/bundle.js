/** Bundles as the server gives them: bytes, to be checked and to be kept. */

import { HttpError } from "./http.js";

const TIMEOUT_MS = 60_000; // a whole heat over a hall's network

/** The bundle of a finished solo run. */
export const runBundle = (run, fetch) => bytesAt(`/api/runs/${encodeURIComponent(run)}/bundle`, fetch);

/** The bundle of a heat that is over; `event` empty: the current one. */
export const heatBundle = (heat, event, fetch) => bytesAt(`/api/heats/${encodeURIComponent(heat)}/bundle${searchOf(event)}`, fetch);

/** The bundle of a whole event that has ended. */
export const eventBundle = (event, fetch) => bytesAt(`/api/event/bundle${searchOf(event)}`, fetch);

/** The bundle of all finished runs of an event's open play. */
export const openBundle = (event, fetch) => bytesAt(`/api/bundle${searchOf(event)}`, fetch);

/** The names beside it. */
export const namesFile = (event, fetch) => bytesAt(`/api/names${searchOf(event)}`, fetch);

const searchOf = (event) => (event === "" ? "" : `?${new URLSearchParams({ event })}`);

/** @throws {HttpError} status 0 where no answer came, else with what the server says of why there is no bundle */
async function bytesAt(path, fetch = globalThis.fetch.bind(globalThis)) {
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new HttpError(0, {});
  }
  throw new HttpError(response.status, await response.json().catch(() => ({})));
}
