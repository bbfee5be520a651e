import assert from "node:assert/strict";
import test from "node:test";

import { Connection, Disconnected } from "../../client/web/js/net/connection.js";
import { socketUrl } from "../../client/web/js/net/world.js";
import { Reject } from "../../client/web/js/protocol/codes.js";
import { Role, View } from "../../client/web/js/protocol/table.js";
import { Standings } from "../../client/web/js/state/standings.js";
import { EXAMPLES, FakeWorld } from "./net-world.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

function connected({ role = Role.PLAYER, token = "", ...more } = {}) {
  const world = new FakeWorld();
  const connection = new Connection({ url: "ws://here/ws", role, event: "demo", token, ...more }, world);
  const told = [];
  for (const type of ["state", "welcome", "push", "unwatched"]) {
    connection.addEventListener(type, ({ detail }) => told.push([type, detail]));
  }
  connection.start();
  return { world, connection, told, states: () => told.filter(([type]) => type === "state").map(([, { state }]) => state) };
}

function live(options) {
  const all = connected(options);
  all.world.socket.accept();
  all.world.socket.reply("WELCOME");
  return all;
}

/** The connection is lost and comes back; returns the new socket, welcomed. */
function comeBack({ world }) {
  world.chance = 0;
  world.socket.end(1006);
  world.pass(0);
  world.chance = 1;
  world.socket.accept();
  world.socket.reply("WELCOME", {}, "HELLO");
  return world.socket;
}

// -- hello ---------------------------------------------------------------------------------------------------------

test("it opens the socket with the subprotocol and says hello first", () => {
  const { world } = connected({ token: "secret" });
  assert.deepEqual([world.socket.url, world.socket.subprotocol], ["ws://here/ws", "knack.v1"]);
  assert.deepEqual(world.socket.sent, []);
  world.socket.accept();
  const { type, role, event, token } = world.socket.last;
  assert.deepEqual([type, role, event, token], ["HELLO", Role.PLAYER, "demo", "secret"]);
});

test("it is live with the welcome, and tells the state before the welcome", () => {
  const { connection, told } = live();
  assert.equal(connection.state, "live");
  assert.deepEqual(told.map(([type, { state }]) => state ?? type), ["connecting", "live", "welcome"]);
  assert.equal(told[2][1].title, "Smart City Day");
});

test("no welcome within 10 s: it tries again", () => {
  const { world, states } = connected();
  world.pass(10_000);
  assert.deepEqual(states(), ["connecting", "lost"]);
  world.pass(500);
  assert.equal(world.sockets.length, 2);
});

test("a hello that came too soon comes again on the same socket, after the wait", () => {
  const { world, connection } = connected({ token: "secret" });
  world.socket.accept();
  world.socket.reply("REJECT", { code: 7, wait_ms: 400 });
  world.pass(399);
  assert.equal(world.socket.sent.length, 1);
  world.pass(1);
  assert.equal(world.socket.last.type, "HELLO");
  world.socket.reply("WELCOME");
  assert.equal(connection.state, "live");
  assert.equal(world.sockets.length, 1);
});

test("a token that is no longer good stops it; without the token it starts again", () => {
  const { world, connection, told } = connected({ token: "old" });
  world.socket.accept();
  world.socket.reply("REJECT", { code: 6, wait_ms: 0 });
  const [, { state, reason, reject }] = told.at(-1);
  assert.deepEqual([state, reason, reject.reason, reject instanceof Reject], ["stopped", "unknown_session", "unknown_session", true]);
  connection.token = "";
  connection.start();
  world.socket.accept();
  assert.equal(world.socket.last.token, "");
});

test("a page on https speaks wss, on plain http ws, to its own host", () => {
  assert.equal(socketUrl({ protocol: "https:", host: "play.example" }), "wss://play.example/ws");
  assert.equal(socketUrl({ protocol: "http:", host: "192.168.0.7:8000" }), "ws://192.168.0.7:8000/ws");
});

// -- requests --------------------------------------------------------------------------------------------------------

test("each reply finds its request, in whatever order they come", async () => {
  const { world, connection } = live();
  const ping = connection.request({ type: "PING" });
  const prepare = connection.request({ type: "PREPARE", course: "sprint" });
  world.socket.reply("PREPARED", {}, "PREPARE");
  world.socket.reply("PONG", {}, "PING");
  assert.equal((await ping).type, "PONG");
  assert.equal((await prepare).course, "sprint");
});

test("every request has a number of its own", () => {
  const { world, connection } = live();
  for (let round = 0; round < 5; round += 1) connection.request({ type: "PING" }).catch(() => {});
  const reqs = world.socket.sent.map(({ req }) => req);
  assert.equal(new Set(reqs).size, reqs.length);
});

test("a refusal is thrown with its name, its wait and whether to try again", async () => {
  const { world, connection } = live();
  const move = connection.request({ type: "PREPARE", course: "sprint" });
  world.socket.reply("REJECT", { code: 21, wait_ms: 210 });
  await assert.rejects(move, (error) => {
    assert.ok(error instanceof Reject);
    assert.deepEqual([error.reason, error.wait_ms, error.may_retry], ["early", 210, true]);
    return true;
  });
});

test("a code that this version does not know is a refusal all the same", async () => {
  const { world, connection } = live();
  const asked = connection.request({ type: "PING" });
  world.socket.reply("REJECT", { code: 200, wait_ms: 0 });
  await assert.rejects(asked, { reason: "unknown", may_retry: false });
});

test("without a connection, and when it goes, a request is told so at once", async () => {
  const { world, connection } = connected();
  await assert.rejects(connection.request({ type: "PING" }), Disconnected);
  world.socket.accept();
  world.socket.reply("WELCOME");
  const ping = connection.request({ type: "PING" });
  world.socket.end(1006);
  await assert.rejects(ping, Disconnected);
});

test("what cannot be said is the caller's error and goes to nobody", async () => {
  const { world, connection } = live();
  const before = world.socket.sent.length;
  await assert.rejects(connection.request({ type: "JOIN", name: "x".repeat(300) }));
  assert.equal(world.socket.sent.length, before);
  assert.equal(connection.state, "live");
});

test("joining gives the token for the next hello, leaving takes it away", async () => {
  const all = live();
  const joined = all.connection.request({ type: "JOIN", name: "Ada" });
  all.world.socket.reply("JOINED", { token: "fresh" });
  await joined;
  assert.equal(comeBack(all).sent[0].token, "fresh");
  const left = all.connection.request({ type: "LEAVE" });
  all.world.socket.reply("DONE");
  await left;
  assert.equal(comeBack(all).sent[0].token, "");
});

// -- pushes ----------------------------------------------------------------------------------------------------------

test("pushes are told in the order in which they come", () => {
  const { world, told } = live();
  world.socket.say(EXAMPLES.BEGIN);
  world.socket.say(EXAMPLES.STATUS);
  assert.deepEqual(told.slice(-2).map(([type, { type: name }]) => [type, name]), [["push", "BEGIN"], ["push", "STATUS"]]);
});

test("what a later version pushes is passed over", () => {
  const { world, connection } = live();
  world.socket.sayBytes(Uint8Array.from([0x92, 90, 1]));
  assert.equal(connection.state, "live");
});

for (const [what, bytes] of [["bytes that are no message", Uint8Array.from([0xc1])], ["a text frame", "hello"]]) {
  test(`${what}: it starts afresh`, () => {
    const { world, connection } = live();
    world.socket.sayBytes(bytes);
    assert.equal(connection.state, "lost");
  });
}

// -- loss and return ---------------------------------------------------------------------------------------------------

for (const code of [1001, 1006, 1011, 1012, 1013, 4000, 4001, 4002, 4499]) {
  test(`closed with ${code}: it comes back by itself`, () => {
    const { world, connection } = live();
    world.socket.end(code);
    assert.equal(connection.state, "lost");
    world.pass(500);
    assert.equal(world.sockets.length, 2);
  });
}

for (const [code, reason] of [[1000, "closed"], [1008, "closed"], [1009, "too_big"], [4500, "replaced"], [4501, "session_ended"], [4502, "malformed"], [4503, "flooding"], [4999, "closed"]]) {
  test(`closed with ${code}: it stays away and says ${reason}`, () => {
    const { world, connection, told } = live();
    world.socket.end(code);
    assert.equal(connection.state, "stopped");
    assert.equal(told.at(-1)[1].reason, reason);
    world.signal("online");
    world.pass(100_000);
    assert.equal(world.sockets.length, 1);
  });
}

test("each further try waits up to twice as long, at most 20 s", () => {
  const { world, told } = live();
  const waits = [];
  for (let round = 0; round < 8; round += 1) {
    world.socket.end(1006);
    waits.push(told.at(-1)[1].retry_in_ms);
    world.pass(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
});

test("the wait is drawn from the whole span", () => {
  for (const [chance, wait_ms] of [[0, 0], [0.25, 125], [0.5, 250]]) {
    const { world, told } = live();
    world.chance = chance;
    world.socket.end(1012);
    assert.equal(told.at(-1)[1].retry_in_ms, wait_ms);
  }
});

test("only a connection that has lasted makes the next try a quick one again", () => {
  const all = live();
  const { world, told } = all;
  comeBack(all);
  world.socket.end(1006);
  assert.equal(told.at(-1)[1].retry_in_ms, 1000);
  world.pass(1000);
  world.socket.accept();
  world.socket.reply("WELCOME");
  world.pass(9000);
  world.socket.say(EXAMPLES.STATUS);
  world.pass(1000);
  world.socket.end(1006);
  assert.equal(told.at(-1)[1].retry_in_ms, 500);
});

test("while it comes back its state stays lost, until the welcome", () => {
  const all = live();
  comeBack(all);
  assert.deepEqual(all.states(), ["connecting", "live", "lost", "live"]);
});

test("stopping closes the socket for good, and nothing it says counts any more", () => {
  const { world, connection, told } = live();
  connection.stop();
  const told_count = told.length;
  assert.deepEqual([connection.state, world.socket.closed], ["stopped", 1000]);
  world.socket.say(EXAMPLES.STATUS);
  world.socket.end(1006);
  world.signal("online");
  world.pass(100_000);
  assert.deepEqual([told.length, world.sockets.length, world.timer_count], [told_count, 1, 0]);
});

// -- heartbeat -------------------------------------------------------------------------------------------------------

test("it pings when it has sent nothing for 10 s, and only then", () => {
  const { world, connection } = live();
  world.pass(6000);
  connection.request({ type: "PREPARE", course: "sprint" }).catch(() => {});
  world.pass(9999);
  assert.equal(world.socket.last.type, "PREPARE");
  world.pass(1);
  assert.equal(world.socket.last.type, "PING");
});

test("20 s without a word: the connection is given up", () => {
  const { world, told } = live();
  world.pass(19_999);
  assert.equal(told.at(-1)[1].state ?? "live", "live");
  world.pass(1);
  assert.deepEqual([told.at(-1)[1].state, told.at(-1)[1].reason, world.socket.closed], ["lost", "silent", 1000]);
});

test("any word keeps it", () => {
  const { world, connection } = live();
  for (let round = 0; round < 5; round += 1) {
    world.pass(15_000);
    world.socket.say(EXAMPLES.STATUS);
  }
  assert.equal(connection.state, "live");
});

for (const signal of ["online", "offline", "visibilitychange"]) {
  test(`${signal}: it asks at once whether the line still holds, and waits 3 s for a word`, () => {
    const { world, connection } = live();
    world.signal(signal);
    assert.equal(world.socket.last.type, "PING");
    world.socket.reply("PONG");
    world.pass(9000);
    assert.equal(connection.state, "live");
    world.signal(signal);
    world.pass(3000);
    assert.equal(connection.state, "lost");
  });
}

test("a flood of signals asks once", () => {
  const { world } = live();
  for (let round = 0; round < 20; round += 1) world.signal("visibilitychange");
  assert.equal(world.socket.sent.filter(({ type }) => type === "PING").length, 1);
});

test("back online, it does not wait for its turn; offline, it does", () => {
  const { world } = live();
  world.socket.end(1006);
  world.signal("offline");
  assert.equal(world.sockets.length, 1);
  world.signal("online");
  assert.equal(world.sockets.length, 2);
  world.pass(500);
  assert.equal(world.sockets.length, 2);
});

// -- feeds -------------------------------------------------------------------------------------------------------------

const sprint = () => new Standings({ course: "sprint", view: View.TOP });

test("watched standings fill with the snapshot and follow the deltas", async () => {
  const { world, connection } = live();
  const standings = sprint();
  const watching = connection.watch(standings);
  assert.deepEqual(world.socket.last, { type: "WATCH", req: world.socket.last.req, course: "sprint", view: 0, epoch: 0, version: 0 });
  world.socket.reply("WATCHING", { feed: 4 });
  world.socket.say({ ...EXAMPLES.SNAPSHOT, feed: 4 });
  world.socket.say({ ...EXAMPLES.DELTA, feed: 4 });
  await watching;
  assert.deepEqual([standings.rows.length, standings.version, standings.rows[0].score], [3, 19, 4410]);
});

test("standings watched before there is a connection are asked for with the welcome", () => {
  const { world, connection } = connected();
  connection.watch(sprint());
  world.socket.accept();
  assert.equal(world.socket.last.type, "HELLO");
  world.socket.reply("WELCOME");
  assert.equal(world.socket.last.type, "WATCH");
});

test("after a reconnect a feed goes on from its version, under a new number", () => {
  const all = live();
  const standings = sprint();
  all.connection.watch(standings);
  all.world.socket.reply("WATCHING", { feed: 4 });
  all.world.socket.say({ ...EXAMPLES.SNAPSHOT, feed: 4 });
  const socket = comeBack(all);
  assert.deepEqual([socket.last.type, socket.last.epoch, socket.last.version], ["WATCH", 3, 17]);
  socket.reply("WATCHING", { feed: 9 });
  socket.say({ ...EXAMPLES.DELTA, feed: 4 });
  assert.equal(standings.version, 17, "the old number means nothing any more");
  socket.say({ ...EXAMPLES.DELTA, feed: 9 });
  assert.equal(standings.version, 19);
});

test("a gap: it asks for a fresh watch, once, and shows the old rows until the snapshot", () => {
  const { world, connection } = live();
  const standings = sprint();
  connection.watch(standings);
  world.socket.reply("WATCHING", { feed: 4 });
  world.socket.say({ ...EXAMPLES.SNAPSHOT, feed: 4 });
  const asked = () => world.socket.sent.filter(({ type }) => type === "WATCH");
  world.socket.say({ ...EXAMPLES.DELTA, feed: 4, from: 18, steps: 2 });
  world.socket.say({ ...EXAMPLES.DELTA, feed: 4, from: 20, steps: 1 });
  assert.deepEqual(asked().map(({ epoch, version }) => [epoch, version]), [[0, 0], [0, 0]]);
  assert.equal(standings.rows.length, 3);
  world.socket.reply("WATCHING", { feed: 4 });
  world.socket.say({ ...EXAMPLES.SNAPSHOT, feed: 4, version: 22 });
  assert.equal(standings.version, 22);
});

test("a resync is followed by a snapshot, and nobody asks for it", () => {
  const { world, connection } = live();
  const standings = sprint();
  connection.watch(standings);
  world.socket.reply("WATCHING", { feed: 4 });
  world.socket.say({ ...EXAMPLES.SNAPSHOT, feed: 4 });
  world.socket.say({ ...EXAMPLES.RESYNC, feed: 4 });
  world.socket.say({ ...EXAMPLES.SNAPSHOT, feed: 4, epoch: 5, version: 1 });
  assert.deepEqual([standings.epoch, standings.version], [5, 1]);
  assert.equal(world.socket.sent.filter(({ type }) => type === "WATCH").length, 1);
});

test("what is watched no longer is not asked for again", () => {
  const all = live();
  const standings = sprint();
  all.connection.watch(standings);
  all.world.socket.reply("WATCHING", { feed: 4 });
  all.connection.unwatch(standings);
  assert.deepEqual([all.world.socket.last.type, all.world.socket.last.feed], ["UNWATCH", 4]);
  all.world.socket.say({ ...EXAMPLES.SNAPSHOT, feed: 4 });
  assert.equal(standings.version, 0);
  assert.deepEqual(comeBack(all).sent.map(({ type }) => type), ["HELLO"]);
});

test("a watch given up before its answer is ended when the answer comes", () => {
  const { world, connection } = live();
  const standings = sprint();
  connection.watch(standings);
  connection.unwatch(standings);
  assert.equal(world.socket.last.type, "WATCH");
  world.socket.reply("WATCHING", { feed: 4 });
  assert.deepEqual([world.socket.last.type, world.socket.last.feed], ["UNWATCH", 4]);
});

test("a refused watch breaks its promise", async () => {
  const { world, connection } = live();
  const watching = connection.watch(sprint());
  world.socket.reply("REJECT", { code: 3, wait_ms: 0 });
  await assert.rejects(watching, { reason: "not_allowed" });
});

test("a feed that is refused after a reconnect is told as unwatched", () => {
  const all = live();
  const standings = sprint();
  all.connection.watch(standings);
  all.world.socket.reply("WATCHING", { feed: 4 });
  comeBack(all).reply("REJECT", { code: 25, wait_ms: 0 });
  const [type, detail] = all.told.at(-1);
  assert.deepEqual([type, detail.standings, detail.reject.reason], ["unwatched", standings, "full"]);
});

test("a watch that loses its connection is kept, and answered by the next one", async () => {
  const all = live();
  const watching = all.connection.watch(sprint());
  comeBack(all).reply("WATCHING", { feed: 2 });
  await settled();
  assert.equal((await watching).feed, 2);
});
