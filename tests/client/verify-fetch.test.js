import assert from "node:assert/strict";
import test from "node:test";

import { eventBundle, heatBundle, namesFile, openBundle, runBundle } from "../../client/web/js/net/bundle.js";
import { HttpError } from "../../client/web/js/net/http.js";

/** A fetch that remembers where it was sent and gives these bytes. */
function answering(status, bytes = [], said = "") {
  const asked = [];
  const fetch = async (path) => {
    asked.push(path);
    if (status === 0) throw new TypeError("network");
    const json = async () => JSON.parse(said);
    return { ok: status < 400, status, arrayBuffer: async () => Uint8Array.from(bytes).buffer, json };
  };
  return { fetch, asked };
}

test("a bundle is the bytes that came, whatever they are", async () => {
  const { fetch, asked } = answering(200, [0, 255]);
  assert.deepEqual(await runBundle("run-1", fetch), Uint8Array.of(0, 255));
  await runBundle("../x", fetch);
  await openBundle("", fetch);
  await openBundle("fest", fetch);
  await namesFile("fest", fetch);
  await heatBundle("h1", "", fetch);
  await heatBundle("h1", "fest", fetch);
  await eventBundle("fest", fetch);
  assert.deepEqual(asked, [
    "/api/runs/run-1/bundle", "/api/runs/..%2Fx/bundle", "/api/bundle", "/api/bundle?event=fest", "/api/names?event=fest",
    "/api/heats/h1/bundle", "/api/heats/h1/bundle?event=fest", "/api/event/bundle?event=fest",
  ]);
});

test("a refusal brings the server's word for it, where there is one", async () => {
  const { fetch } = answering(409, [], '{"error": "published_with_heat", "heat": "h1"}');
  await assert.rejects(runBundle("run-1", fetch), ({ body }) => body.error === "published_with_heat" && body.heat === "h1");
  await assert.rejects(runBundle("run-1", answering(502, [], "<html>").fetch), ({ status, body }) => status === 502 && body.error === undefined);
});

test("a refusal has its status, and no answer has none", async () => {
  for (const status of [404, 409, 503, 0]) {
    await assert.rejects(runBundle("run-1", answering(status).fetch), (error) => error instanceof HttpError && error.status === status);
  }
});
