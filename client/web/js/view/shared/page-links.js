/** Which event a page belongs to, and links that stay in it. */

const WITHIN_EVENT = /^\/e\/([a-z0-9-]{1,32})(?:\/|$)/;
const PLAY = "play";

/** The event in the page's address, or "" for the current one. */
export function eventOfPage() {
  return WITHIN_EVENT.exec(location.pathname)?.[1] ?? "";
}

/** The address of a page (`play`, `screen`, `desk`, `contact`, `privacy`, `verify`) of the same event. */
export function pageAddress(page) {
  const event = eventOfPage();
  const below = page === PLAY ? "" : `/${page}`;
  return event === "" ? below || "/" : `/e/${event}${below}`;
}

/**
 * Where anybody checks what is published.
 *
 * @param {{run: string} | {heat: string} | {heat: string, run: string} | {all: ""}} what a run of open play; a heat, with the run of
 *   it that is played before one's eyes; or the whole event
 */
export function checkAddress(what) {
  return `${pageAddress("verify")}?${new URLSearchParams(what)}`;
}

/** Points every link with `data-page` to that page of the same event. */
export function linkPages() {
  for (const link of document.querySelectorAll("a[data-page]")) link.setAttribute("href", pageAddress(link.dataset.page));
}
