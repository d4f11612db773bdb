import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { APPLICATION, GUILD } from "../interactions.ts";

const program = fileURLToPath(new URL("../../src/register.ts", import.meta.url));

test.for<[what: string, status: number, cure: RegExp]>([
  ["a wrong token", 401, /^Discord refused: 401, .* Set DISCORD_TOKEN to the bot's token/],
  [
    "a server that the bot is not in",
    403,
    /^Discord refused: 403, .* Check DISCORD_APPLICATION_ID and DISCORD_GUILD_ID/,
  ],
])("%s is told with what to do, and not with the token", async ([, status, cure], { onTestFinished }) => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ message: "refused", code: 0 }));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { stderr, code } = await register((server.address() as AddressInfo).port);
  expect(stderr).toMatch(cure);
  expect(stderr).not.toContain("canary");
  expect(code).toBe(1);
});

test("a Discord that cannot be reached is told so", async () => {
  const { stderr, code } = await register(1);
  expect(stderr).toMatch(/^Discord did not answer \(.*\)\. See that this machine reaches DISCORD_API_URL/);
  expect(code).toBe(1);
});

/** Ends with what the program said, however it ended. */
function register(port: number): Promise<{ code: unknown; stderr: string }> {
  const env = {
    PATH: process.env.PATH,
    DISCORD_APPLICATION_ID: APPLICATION,
    DISCORD_GUILD_ID: GUILD,
    DISCORD_TOKEN: "canary-canary-canary",
    DISCORD_API_URL: `http://127.0.0.1:${port}/api`,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", program], { env }, (error, _stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stderr });
    });
  });
}
