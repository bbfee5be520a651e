/** Names that fit their line: a name has up to 20 characters, and some are wider than others. */

/** Below this part of its size a name is cut instead: from the back of a hall nobody could read it. */
const SMALLEST = 0.6;

/** Make the text of one line smaller until it fits; its element must not be wider than its line. */
export function fitLine(element) {
  element.style.fontSize = "";
  const { scrollWidth, clientWidth } = element;
  if (clientWidth === 0 || scrollWidth <= clientWidth) return;
  const full = Number.parseFloat(getComputedStyle(element).fontSize);
  element.style.fontSize = `${Math.max(SMALLEST, clientWidth / scrollWidth) * 0.99 * full}px`;
}
