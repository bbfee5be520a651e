/** The six symbols as elements; their pictures are `symbols/<number>-<name>.svg`, put in place by css/board.css. */

/** Names in the order of the rules' numbers 0..5; texts stand under the keys `symbol.<name>`. */
export const SYMBOL_NAMES = Object.freeze(["bulb", "signal", "heart", "house", "chip", "tram"]);

/** The address of a symbol's picture. */
export function symbolAddress(symbol) {
  return `/web/symbols/${symbol}-${SYMBOL_NAMES[symbol]}.svg`;
}

/** An element that shows a symbol and fills its place; `data-symbol` may be changed later. */
export function symbolElement(symbol) {
  const element = document.createElement("div");
  element.className = "symbol";
  element.dataset.symbol = symbol;
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** Loads and decodes all pictures, so that the first board appears whole; never rejects. */
export async function loadSymbols() {
  const pictures = SYMBOL_NAMES.map((_, symbol) => {
    const image = new Image();
    image.src = symbolAddress(symbol);
    return image.decode();
  });
  await Promise.allSettled(pictures);
}
