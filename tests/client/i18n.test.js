import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { clockTime, language, number, onLanguage, register, setLanguage, t } from "../../client/web/js/i18n/i18n.js";
import words from "../../client/web/js/i18n/play.js";

register(words);
const PAGE = readFileSync(new URL("../../client/web/index.html", import.meta.url), "utf-8");
const places = (text) => [...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

test("a text that stands in one language only is refused", () => {
  assert.throws(() => register({ de: { "x.only": "nur" }, en: {} }), /x\.only/);
});

test("both languages fill the same places in every text", () => {
  for (const key of Object.keys(words.de)) {
    assert.deepEqual(new Set(places(words.de[key])), new Set(places(words.en[key])), key);
  }
});

test("every text that the play page names is there", () => {
  for (const [, key] of PAGE.matchAll(/data-i18n(?:-[a-z-]+)?="([^"]+)"/g)) assert.ok(key in words.de, key);
});

test("numbers, plurals and places follow the language, and a switch tells its listeners", () => {
  const heard = [];
  const stop = onLanguage((code) => heard.push(code));
  setLanguage("de");
  setLanguage("en");
  assert.equal(number(12345), "12,345");
  assert.equal(t("play.missing", { count: 1, name: "Mia" }), "1 point to crack the highscore of Mia");
  setLanguage("de");
  assert.equal(number(12345), "12.345");
  assert.equal(t("play.missing", { count: 1200, name: "Mia" }), "Noch 1.200 Punkte bis zum Highscore von Mia");
  setLanguage("fr");
  assert.equal(language(), "de");
  stop();
  assert.deepEqual(heard.slice(-2), ["en", "de"]);
});

test("a text put into a place is never read as a place itself", () => {
  setLanguage("en");
  assert.equal(t("play.holder", { name: "{name} $& <b>" }), "by {name} $& <b>");
});

test("a clock that runs down shows the second that has begun", () => {
  assert.deepEqual([60_000, 59_001, 59_000, 1, 0, -5].map(clockTime), ["1:00", "1:00", "0:59", "0:01", "0:00", "0:00"]);
});
