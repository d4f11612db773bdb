import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";

test.for(["resolve-tenant", "get-token", "onboard-tenant", "user-breach-check"])(
  "%s can be run by hand, and says how",
  async (entry) => {
    const file = fileURLToPath(new URL(`../../../../worker/toolkit/builtin/${entry}.ts`, import.meta.url));
    const { exitCode, stdout, stderr } = await execa(process.execPath, ["--import", "tsx", file, "--help"], {
      reject: false,
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^Usage: ${entry} <`));
  },
);
