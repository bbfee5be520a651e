/** Every text of every page: in both languages, with the same places, named by the page, and none that nobody names. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";

const WEB = new URL("../../client/web/", import.meta.url);
const PAGES = { play: "index", screen: "screen", desk: "desk", contact: "contact", privacy: "privacy", verify: "verify" };
const COURSES = ["sprint", "climb"];
const IMPORT = /^(?:import|export)\b[^"']*["'](\.[^"']+)["']/gm;

const read = (url) => readFileSync(url, "utf-8");
const places = (text) => new Set([...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name));

/** The source of a module and of all it imports, dictionaries left out. */
function sources(url, seen = new Map()) {
  if (seen.has(url.href) || url.pathname.includes("/i18n/") || !existsSync(url)) return seen;
  const source = read(url);
  seen.set(url.href, source);
  for (const [, target] of source.matchAll(IMPORT)) sources(new URL(target, url), seen);
  return seen;
}

/** A key with a place in it, such as `desk.end-${reason}`; where the place is all there is, it has to hold a word of the code. */
function pattern(template) {
  const parts = template.split(/\$\{[^}]*\}/);
  const form = new RegExp(`^${parts.map((part) => part.replaceAll(".", "\\.")).join("([\\w.-]+)")}$`);
  return { form, isNarrow: parts.join("").length > template.indexOf(".") + 1 };
}

for (const [page, file] of Object.entries(PAGES)) {
  const { default: words } = await import(new URL(`js/i18n/${page}.js`, WEB));
  const html = read(new URL(`${file}.html`, WEB));
  const code = [...sources(new URL(`js/pages/${page}.js`, WEB)).values()].join("\n");
  const marked = [...html.matchAll(/data-i18n(?:-[a-z-]+)?="([^"]+)"/g)].map(([, key]) => key);
  const literal = [...code.matchAll(new RegExp(`["'\`](${page}\\.[\\w.-]+)["'\`]`, "g"))].map(([, key]) => key);
  const made = [...code.matchAll(new RegExp(`\`(${page}\\.[^\`]*\\$\\{[^\`]*)\``, "g"))].map(([, template]) => pattern(template));

  test(`${page}: both languages have the same texts with the same places`, () => {
    assert.deepEqual(Object.keys(words.de).sort(), Object.keys(words.en).sort());
    for (const key of Object.keys(words.de)) assert.deepEqual(places(words.de[key]), places(words.en[key]), key);
  });

  test(`${page}: every text that the page or its code names is there`, () => {
    assert.ok(marked.length > 0);
    assert.deepEqual([...marked, ...literal].filter((key) => !(key in words.de)), []);
  });

  test(`${page}: every text is named by somebody`, () => {
    const named = new Set([...marked, ...literal]);
    const isWord = (part) => COURSES.includes(part) || code.includes(`"${part}"`);
    const isMade = (key) =>
      made.some(({ form, isNarrow }) => {
        const found = form.exec(key);
        return found !== null && (isNarrow || isWord(found[1]));
      });
    assert.deepEqual(Object.keys(words.de).filter((key) => !named.has(key) && !isMade(key)), []);
  });
}
