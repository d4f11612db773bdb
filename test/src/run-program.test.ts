import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { APPLICATION, GUILD } from "../interactions.ts";

const program = fileURLToPath(new URL("../fixtures/scripts/crashing-program.ts", import.meta.url));
const logging = fileURLToPath(new URL("../fixtures/scripts/logging-program.ts", import.meta.url));
const environment = {
  PATH: process.env.PATH,
  DISCORD_APPLICATION_ID: APPLICATION,
  DISCORD_GUILD_ID: GUILD,
  DISCORD_TOKEN: "canary-bot-token",
};

/** How the crashing program ends. */
function crash(when: string, env: Record<string, string> = {}) {
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", program, when], {
    env: { ...environment, ...env },
  });
  return run.catch((thrown) => thrown);
}

for (const when of ["at-start", "later"]) {
  test(`a program that crashes ${when} ends with code 1 and says why without a secret`, async () => {
    const { code, stdout, stderr } = await crash(when);
    expect(code).toBe(1);
    const output = `${stdout}${stderr}`;
    expect(output).toContain("PATCH /webhooks/1/[redacted]/messages/@original with [redacted]");
    expect(output).not.toContain("canary");
  }, 30_000);
}

test("a crash right after the start is in the log file as well", async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), "run-program-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "logs", "bot.log");
  expect(await crash("later", { LOG_FILE: file })).toMatchObject({ code: 1, stderr: "" });
  expect(await readFile(file, "utf8")).toContain('"message":"crashed"');
}, 30_000);

test("a log file that cannot be opened is a wrong configuration, and named", async () => {
  const { code, stderr } = await crash("later", { LOG_FILE: tmpdir() });
  expect(code).toBe(78);
  expect(stderr).toMatch(/^Expected LOG_FILE to be a file that can be written, .*EISDIR.* Correct it/);
}, 30_000);

test("a disk without room for the log costs neither the process nor its orderly end", {
  skip: process.platform !== "linux",
  timeout: 30_000,
}, async ({ onTestFinished }) => {
  const child = spawn(process.execPath, ["--import", "tsx", logging], {
    env: { ...environment, LOG_FILE: "/dev/full" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const seen: string[] = [];
  const isTold = (line: string) => /ENOSPC.*"log cannot be written to LOG_FILE"/.test(line);
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(line);
    // It still runs after the disk was found to be full. A second signal would end it at once.
    if (seen.some(isTold) && !child.killed) child.kill("SIGTERM");
  }
  expect(await ended).toEqual([0, null]);
  expect(seen.filter(isTold)).toHaveLength(1);
});
