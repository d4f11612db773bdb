import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test } from "vitest";
import { timeoutSignal } from "../../src/timeout-signal.ts";
import { createDiscord } from "../../worker/discord/api.ts";
import { createRunClock } from "../../worker/toolkit/builtin/run-clock.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server that accepts requests and never answers, in a process whose memory is tidied up all the time. */
async function startSilence(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const collecting = setInterval(collectGarbage, 20);
  ends.push(
    () => clearInterval(collecting),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

test("a timeout fires among other signals, whatever the garbage collector does", async () => {
  const url = await startSilence();
  const signal = AbortSignal.any([new AbortController().signal, timeoutSignal(150)]);
  await expect(fetch(url, { signal })).rejects.toMatchObject({ name: "TimeoutError" });
}, 5_000);

test("a request to Microsoft that gets no answer is given up", async () => {
  const url = await startSilence();
  const clock = createRunClock({ stop: new AbortController().signal, answerTimeoutMs: 150 });
  await expect(fetch(url, { signal: clock.forOneAnswer() })).rejects.toMatchObject({ name: "TimeoutError" });
}, 5_000);

test("a request to Discord that gets no answer is given up", async () => {
  const apiUrl = await startSilence();
  const discord = createDiscord({ apiUrl, botToken: "token", timeoutMs: 150 });
  const ending = new AbortController();
  const answerable = { applicationId: "1", interactionToken: "token" };
  const attempt = await discord.getOriginal(answerable, { signal: ending.signal });
  expect(attempt).toMatchObject({ kind: "unreachable", perhapsDone: true });
}, 5_000);
