import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { closeServer } from "../../src/close-server.ts";

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return port;
}

test("a connection that never sends a request does not keep a server from closing", async () => {
  const server = createServer();
  const accepted = once(server, "connection");
  const silent = connect(await listen(server), "127.0.0.1");
  silent.on("error", () => undefined);
  const cut = once(silent, "close");
  await accepted;
  await closeServer(server, { withinMs: 50 });
  await cut;
});

test("a request under way is answered before its server closes", async () => {
  const server = createServer();
  const asked = once(server, "request");
  const answer = fetch(`http://127.0.0.1:${await listen(server)}/`);
  const [, response] = await asked;
  const closed = closeServer(server);
  response.end("answered");
  expect(await (await answer).text()).toBe("answered");
  await closed;
});

test("a connection that had its answer is not waited for, although it could be used again", async () => {
  const server = createServer({ keepAliveTimeout: 60_000 });
  const asked = once(server, "request");
  const answer = fetch(`http://127.0.0.1:${await listen(server)}/`);
  const [, response] = await asked;
  const closed = closeServer(server, { withinMs: 60_000 });
  response.end("answered");
  expect((await answer).headers.get("connection")).toBe("keep-alive");
  await closed;
});
