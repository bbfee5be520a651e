/** Copies of the `<template>` elements of a page: HTML stays in HTML, and text from people gets in as text only. */

import { translate } from "../../i18n/i18n.js";

/**
 * A copy of `<template id="…">` in the language in use.
 *
 * @returns {Record<string, HTMLElement>} `root` and, under its own name, each element with `data-part`
 */
export function stamp(id) {
  const root = document.getElementById(id).content.firstElementChild.cloneNode(true);
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  translate(root);
  return { root, ...parts };
}
