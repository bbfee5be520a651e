/**
 * The page's language: German or English, chosen by the browser, switched by the reader, remembered on the device.
 *
 * A page registers its dictionary once with `register(words)` and then asks `t(key, params)`. Texts hold places as
 * `{name}`; a text that depends on a number is an object of Intl plural forms: `{one: "{count} point", other: "{count}
 * points"}`. Elements carry `data-i18n="key"` (text) or `data-i18n-aria-label`, `-placeholder`, `-title`, `-alt`, and
 * `translate(root)` fills them. The switch for the reader is `view/shared/language-switch.js`.
 */

const STORAGE_KEY = "knack.language";
const LANGUAGES = Object.freeze(["de", "en"]);
const LOCALES = Object.freeze({ de: "de-DE", en: "en-GB" });
const ATTRIBUTES = Object.freeze(["aria-label", "placeholder", "title", "alt"]);

const dictionaries = { de: {}, en: {} };
const changes = new EventTarget();
const formats = new Map();
let current = null;

/** The languages there are, as ISO 639 codes. */
export function languages() {
  return LANGUAGES;
}

/** Adds a page's texts: `{de: {key: text}, en: {key: text}}`; a key is registered in both languages or throws. */
export function register(words) {
  for (const key of new Set([...Object.keys(words.de), ...Object.keys(words.en)])) {
    if (!(key in words.de && key in words.en)) throw new Error(`text "${key}" is missing in one language`);
  }
  for (const code of LANGUAGES) Object.assign(dictionaries[code], words[code]);
}

/** The language in use: the reader's last choice on this device, else the browser's, else German. */
export function language() {
  current ??= remembered() ?? preferred(globalThis.navigator?.languages ?? []);
  return current;
}

/** Switches the language, remembers it and tells the listeners of `onLanguage`. Unknown codes are ignored. */
export function setLanguage(code) {
  if (!LANGUAGES.includes(code) || code === language()) return;
  current = code;
  try {
    globalThis.localStorage?.setItem(STORAGE_KEY, code);
  } catch {
    // Storage may be forbidden (private windows); the choice then lasts as long as the page.
  }
  changes.dispatchEvent(new Event("change"));
}

/** Calls `listener(code)` after every switch; returns a function that stops it. */
export function onLanguage(listener) {
  const call = () => listener(language());
  changes.addEventListener("change", call);
  return () => changes.removeEventListener("change", call);
}

/** The text of `key` in the language in use; places are filled from `params`, numbers in them formatted. */
export function t(key, params = {}) {
  const text = dictionaries[language()][key];
  if (text === undefined) throw new Error(`no text "${key}"`);
  const form = typeof text === "string" ? text : plural(text, params.count);
  return form.replace(/\{(\w+)\}/g, (place, name) => (name in params ? shown(params[name]) : place));
}

/** The form of `{one, other, …}` that fits `count` by Intl.PluralRules. */
export function plural(forms, count) {
  const rule = format("plural", () => new Intl.PluralRules(LOCALES[language()]));
  return forms[rule.select(count)] ?? forms.other;
}

/** A whole number with the language's digit groups: 12.345 or 12,345. */
export function number(value) {
  return format("number", () => new Intl.NumberFormat(LOCALES[language()])).format(value);
}

/** A duration as minutes and seconds, rounded up as clocks that run down show it: 1:05. */
export function clockTime(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A point in time (Unix ms) as the language writes date and time; `options` as in Intl.DateTimeFormat. */
export function dateTime(unixMs, options = { dateStyle: "short", timeStyle: "medium" }) {
  const key = `date ${JSON.stringify(options)}`;
  return format(key, () => new Intl.DateTimeFormat(LOCALES[language()], options)).format(unixMs);
}

/** Fills every element under `root`, itself included, that names a text in `data-i18n` or `data-i18n-<attribute>`. */
export function translate(root) {
  for (const element of marked(root, "data-i18n")) element.textContent = t(element.getAttribute("data-i18n"));
  for (const attribute of ATTRIBUTES) {
    const name = `data-i18n-${attribute}`;
    for (const element of marked(root, name)) element.setAttribute(attribute, t(element.getAttribute(name)));
  }
}

function marked(root, attribute) {
  const found = [...root.querySelectorAll(`[${attribute}]`)];
  return root.hasAttribute?.(attribute) ? [root, ...found] : found;
}

function shown(value) {
  return typeof value === "number" ? number(value) : String(value);
}

function format(key, make) {
  const full = `${language()} ${key}`;
  if (!formats.has(full)) formats.set(full, make());
  return formats.get(full);
}

function remembered() {
  try {
    const code = globalThis.localStorage?.getItem(STORAGE_KEY);
    return LANGUAGES.includes(code) ? code : null;
  } catch {
    return null;
  }
}

function preferred(wishes) {
  const codes = wishes.map((wish) => wish.slice(0, 2).toLowerCase());
  return codes.find((code) => LANGUAGES.includes(code)) ?? "de";
}
