import assert from "node:assert/strict";
import test from "node:test";

import { namesFile, openBundle, runBundle } from "../../client/web/js/net/bundle.js";
import { HttpError } from "../../client/web/js/net/http.js";

/** A fetch that remembers where it was sent and gives these bytes. */
function answering(status, bytes = []) {
  const asked = [];
  const fetch = async (path) => {
    asked.push(path);
    if (status === 0) throw new TypeError("network");
    return { ok: status < 400, status, arrayBuffer: async () => Uint8Array.from(bytes).buffer };
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
  assert.deepEqual(asked, ["/api/runs/run-1/bundle", "/api/runs/..%2Fx/bundle", "/api/bundle", "/api/bundle?event=fest", "/api/names?event=fest"]);
});

test("a refusal has its status, and no answer has none", async () => {
  for (const status of [404, 409, 503, 0]) {
    await assert.rejects(runBundle("run-1", answering(status).fetch), (error) => error instanceof HttpError && error.status === status);
  }
});
