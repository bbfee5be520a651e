import assert from "node:assert/strict";
import test from "node:test";

import { Draft, FIELDS, problems } from "../../client/web/js/state/contact-form.js";

const good = { first_name: "Inge", last_name: "Müller", email: "inge@example.de", concern: "Mehr Bänke.\nBitte!" };

test("a complete form has no problems", () => {
  assert.deepEqual(problems(good), {});
});

test("every empty field is named at once, blanks count as nothing", () => {
  assert.deepEqual(problems({ first_name: " ", concern: "\n\t" }), {
    first_name: "required", last_name: "required", email: "required", concern: "required",
  });
});

test("a field takes its limit and not one character more, counted as people count", () => {
  for (const [field, most] of Object.entries(FIELDS)) {
    if (field === "email") continue;
    assert.deepEqual(problems({ ...good, [field]: "😀".repeat(most) }), {});
    assert.deepEqual(problems({ ...good, [field]: "😀".repeat(most + 1) }), { [field]: "too_long" });
  }
});

for (const email of ["inge", "inge@", "@example.de", "inge@example", "a b@example.de", "a@b@example.de", "a@example.d", "a@example..de", "a,b@example.de", "a@x.de\nb"]) {
  test(`${JSON.stringify(email)} is no address`, () => {
    assert.ok("email" in problems({ ...good, email }));
  });
}

for (const email of ["inge.mueller+stadt@mail.example.de", "o'neil@example.ie", "jörg@müller.example", "a@b.museum"]) {
  test(`${email} is an address`, () => {
    assert.deepEqual(problems({ ...good, email }), {});
  });
}

test("characters that nobody can see are refused, lines in the concern are not", () => {
  assert.deepEqual(problems({ ...good, last_name: "Mül\u0007ler" }), { last_name: "characters" });
  assert.deepEqual(problems({ ...good, last_name: "Mül\nler" }), { last_name: "characters" });
  assert.deepEqual(problems({ ...good, concern: "a\u2028b" }), { concern: "characters" });
  assert.deepEqual(problems({ ...good, concern: "a\r\n\tb" }), {});
});

function storage(content = {}) {
  return {
    content,
    getItem: (key) => content[key] ?? null,
    setItem: (key, value) => (content[key] = value),
    removeItem: (key) => delete content[key],
  };
}

test("a draft comes back until it is dropped", () => {
  const kept = storage();
  new Draft(kept).keep(good);
  assert.deepEqual(new Draft(kept).read(), good);
  new Draft(kept).drop();
  assert.deepEqual(kept.content, {});
});

test("a draft that is broken or of another shape is an empty one", () => {
  const empty = { first_name: "", last_name: "", email: "", concern: "" };
  for (const text of ["{", "null", "[]", '{"email": 5}', '"x"']) {
    assert.deepEqual(new Draft(storage({ [Draft.KEY]: text })).read(), empty);
  }
  assert.deepEqual(new Draft(null).read(), empty);
});

test("a storage that refuses does not get in the way", () => {
  const refusing = { ...storage(), setItem: () => { throw new Error("full"); } };
  assert.doesNotThrow(() => new Draft(refusing).keep(good));
});
