"""What a page owes to people who listen to it, use it without a mouse or see little contrast: faults that a machine can find."""

from playwright.sync_api import Page

FAULTS = """() => {
  const faults = [];
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest("[inert]");
  const what = (element) => `${element.tagName.toLowerCase()}${element.id && "#" + element.id}.${element.className} “${element.textContent.trim().slice(0, 30)}”`;
  const texts = (ids) => ids.split(/\\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ");

  const nameOf = (element) => [
    element.getAttribute("aria-label"),
    texts(element.getAttribute("aria-labelledby") ?? ""),
    ...[...(element.labels ?? [])].map((label) => label.textContent),
    element.getAttribute("alt"),
    ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName) ? element.getAttribute("placeholder") : element.textContent,
    [...element.querySelectorAll("img")].map((image) => image.alt).join(""),
  ].find((name) => name?.trim());

  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, video, [role=group], [role=dialog], dialog[open]")) {
    if (seen(element) && !nameOf(element)) faults.push(`no name: ${what(element)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt])")) faults.push(`no alt: ${what(image)}`);
  for (const attribute of ["aria-labelledby", "aria-describedby", "for"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\\s+/)) {
        if (document.getElementById(id) === null) faults.push(`${attribute} of ${what(element)} leads nowhere: ${id}`);
      }
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) faults.push(`twice: #${id}`);
  for (const element of document.querySelectorAll("[tabindex]")) if (element.tabIndex > 0) faults.push(`out of order: ${what(element)}`);
  if (!document.documentElement.lang) faults.push("no language");
  if ([...document.querySelectorAll("h1")].filter(seen).length > 1) faults.push("more than one first heading");

  // Contrast (WCAG 2.2, 1.4.3), wherever the ground behind a text is one colour.
  const colour = (text) => /^rgba?\\(([^)]+)\\)$/.exec(text)?.[1].split(/[\\s,/]+/).map(Number);
  const light = ([r, g, b]) => {
    const [red, green, blue] = [r, g, b].map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor, backgroundImage } = getComputedStyle(at);
      const found = colour(backgroundColor);
      if (backgroundImage !== "none" || found === undefined || (found[3] > 0 && found[3] < 1)) return null;
      if (found[3] !== 0) return found;
    }
    return null;
  };
  for (const element of document.querySelectorAll("body *")) {
    const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!isText || !seen(element) || element.closest(":disabled, .visually-hidden, [aria-hidden=true]")) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const [ink, ground] = [colour(color), groundOf(element)];
    if (ink === undefined || ground === null || ink[3] < 1) continue;
    const [more, less] = [light(ink), light(ground)].sort((a, b) => b - a);
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    const ratio = (more + 0.05) / (less + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${what(element)}`);
  }
  return faults;
}"""


def faults_of(page: Page) -> list[str]:
    """Names, references, order, language and contrast; empty where nothing is wrong."""
    found: list[str] = page.evaluate(FAULTS)
    return found


def rings_of(page: Page, count: int) -> list[str]:
    """Go through so many controls with Tab alone; return those that show no ring when they have the focus."""
    ringless = []
    for _ in range(count):
        page.keyboard.press("Tab")
        ringless += page.evaluate(
            """() => {
              const at = document.activeElement;
              if (at === document.body) return [];
              const shows = [at, at.parentElement, at.labels?.[0], at.closest("label")].some((element) => {
                const { outlineStyle, outlineWidth } = element ? getComputedStyle(element) : {};
                return outlineStyle === "solid" && Number.parseFloat(outlineWidth) >= 2;
              });
              return shows ? [] : [`${at.tagName}#${at.id}.${at.className}`];
            }"""
        )
    return ringless
