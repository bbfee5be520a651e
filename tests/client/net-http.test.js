import assert from "node:assert/strict";
import test from "node:test";

import { Api, DeskApi, HttpError, joinCodeAddress } from "../../client/web/js/net/http.js";

/** A fetch that remembers what it was asked and gives one answer. */
function answering(status, body) {
  const asked = [];
  const fetch = async (path, request) => {
    asked.push({ path, ...request });
    if (status === 0) throw new TypeError("network");
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return { ok: status < 400, status, json: async () => JSON.parse(text) };
  };
  return { fetch, asked };
}

test("an answer is its JSON, and the event travels in the query", async () => {
  const { fetch, asked } = answering(200, { title: "Fest" });
  assert.deepEqual(await new Api({ event: "fest", fetch }).event(), { title: "Fest" });
  assert.deepEqual([asked[0].method, asked[0].path], ["GET", "/api/event?event=fest"]);
});

test("the current event needs no query", async () => {
  const { fetch, asked } = answering(200, {});
  await new Api({ fetch }).contactForm();
  await new Api({ fetch }).standings("climb");
  assert.deepEqual(asked.map(({ path }) => path), ["/api/contact", "/api/standings?course=climb"]);
});

test("a contact request goes as JSON, and its errors come back with the refusal", async () => {
  const { fetch, asked } = answering(400, { errors: { email: "email" } });
  await assert.rejects(new Api({ fetch }).sendContact({ email: "x" }), (error) => {
    assert.ok(error instanceof HttpError);
    assert.deepEqual([error.status, error.body], [400, { errors: { email: "email" } }]);
    return true;
  });
  assert.deepEqual([asked[0].method, asked[0].body, asked[0].headers["Content-Type"]], ["POST", '{"email":"x"}', "application/json"]);
});

test("no answer at all is status 0, and a refusal without JSON has an empty body", async () => {
  await assert.rejects(new Api(answering(0, {})).event(), { status: 0, body: {} });
  await assert.rejects(new Api(answering(502, "<html>")).event(), { status: 502, body: {} });
});

test("the address to join is null where only this computer can", async () => {
  assert.equal(await new Api(answering(200, { url: null })).joinAddress(), null);
  assert.equal(joinCodeAddress("fest"), "/api/join.svg?event=fest");
});

test("the desk's token travels in the header alone", async () => {
  const { fetch, asked } = answering(200, {});
  const desk = new DeskApi({ token: "secret", event: "fest", fetch });
  await desk.whoAmI();
  await desk.runs({ course: "sprint", search: "Müller & Co", page: 2 });
  await desk.run("run-1");
  await desk.acts();
  await desk.act({ kind: "void", target: "run-1", reason: "Bot" });
  await desk.contacts();
  await desk.contactDone("c-1", true);
  assert.deepEqual(asked.map(({ method, path }) => `${method} ${path}`), [
    "GET /api/desk?event=fest",
    "GET /api/desk/runs?event=fest&course=sprint&search=M%C3%BCller+%26+Co&page=2",
    "GET /api/desk/runs/run-1?event=fest",
    "GET /api/desk/acts?event=fest",
    "POST /api/desk/acts?event=fest",
    "GET /api/desk/contacts?event=fest&page=1",
    "POST /api/desk/contacts/c-1?event=fest",
  ]);
  assert.ok(asked.every(({ path, headers }) => headers.Authorization === "Bearer secret" && !path.includes("secret")));
  assert.equal(asked[4].body, '{"kind":"void","target":"run-1","text":"","reason":"Bot"}');
  assert.equal(asked[6].body, '{"done":true}');
});

test("the end of an event is one word, and what keeps it from ending comes back with the refusal", async () => {
  const { fetch, asked } = answering(409, { error: "in_play", runs: 2, heats: ["h1"] });
  await assert.rejects(new DeskApi({ token: "secret", event: "fest", fetch }).endEvent(), { status: 409, body: { error: "in_play", runs: 2, heats: ["h1"] } });
  assert.deepEqual([asked[0].method, asked[0].path, asked[0].body], ["POST", "/api/desk/event?event=fest", '{"step":"end"}']);
});

test("no request waits for ever", async () => {
  const { fetch, asked } = answering(200, {});
  await new Api({ fetch }).event();
  assert.ok(asked[0].signal instanceof AbortSignal);
});
