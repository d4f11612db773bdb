import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { APPLICATION, GUILD } from "../interactions.ts";

const program = fileURLToPath(new URL("../fixtures/scripts/crashing-program.ts", import.meta.url));
const environment = {
  PATH: process.env.PATH,
  DISCORD_APPLICATION_ID: APPLICATION,
  DISCORD_GUILD_ID: GUILD,
  DISCORD_TOKEN: "canary-bot-token",
};

for (const when of ["at-start", "later"]) {
  test(`a program that crashes ${when} ends with code 1 and says why without a secret`, async () => {
    const run = promisify(execFile)(process.execPath, ["--import", "tsx", program, when], {
      env: environment,
    });
    const { code, stdout, stderr } = await run.catch((thrown) => thrown);
    expect(code).toBe(1);
    const output = `${stdout}${stderr}`;
    expect(output).toContain("PATCH /webhooks/1/[redacted]/messages/@original with [redacted]");
    expect(output).not.toContain("canary");
  }, 30_000);
}
