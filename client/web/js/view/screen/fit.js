/** Names and addresses that fit their line: a name has up to 20 characters, and some are wider than others. */

/** Below this part of its size a text is not made smaller: from the back of a hall nobody could read it. */
const SMALLEST = 0.6;

/**
 * Make a text smaller until its longest line (or word, where it may wrap) fits its element.
 *
 * One that does not fit even so has `data-long="true"`, and the stylesheet says whether it is broken or cut.
 */
export function fitLine(element) {
  element.style.fontSize = "";
  element.dataset.long = "false";
  const { scrollWidth, clientWidth } = element;
  if (clientWidth === 0 || scrollWidth <= clientWidth) return;
  const full = Number.parseFloat(getComputedStyle(element).fontSize);
  const part = (clientWidth / scrollWidth) * 0.99; // a hair less: widths are rounded
  element.style.fontSize = `${Math.max(SMALLEST, part) * full}px`;
  element.dataset.long = String(part < SMALLEST);
}
