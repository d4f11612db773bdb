import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AppError } from "../../../../src/errors.ts";
import { createTokenCache, type TokenUse } from "../../../../worker/toolkit/builtin/token-cache.ts";

const MINUTE_MS = 60_000;
const HOUR = { accessToken: "eyJ.canary.token", livesMs: 60 * MINUTE_MS };
const use: TokenUse = {
  tenantId: "3ab9e0c4-71d5-4f68-8a2e-6c0b1d94f7e3",
  loginOrigin: "https://login.microsoftonline.com",
  clientId: "5a1f0b62-88c4-4e39-9d57-3f2c61ab70de",
  scope: "https://graph.microsoft.com/.default",
};
const FILE = `${use.tenantId}.investigator.graph.microsoft.com.json`;

let folder: string;
let clockMs = 0;
let refusals: AppError[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tokens-"));
  clockMs = 1_000_000_000;
  refusals = [];
});
afterEach(() => rm(folder, { recursive: true }));

function open(options: { tier?: "INVESTIGATOR" | "DEFENDER"; platform?: NodeJS.Platform } = {}) {
  return createTokenCache(folder, {
    tier: "INVESTIGATOR",
    now: () => clockMs,
    onRefused: (error) => refusals.push(error),
    ...options,
  });
}

test("a token is found for 55 minutes, also by the next program", async () => {
  await open().keep(use, HOUR);
  clockMs += 55 * MINUTE_MS - 1;
  expect(await open().find(use)).toBe(HOUR.accessToken);
  clockMs += 1;
  expect(await open().find(use)).toBeUndefined();
  expect(refusals).toEqual([]);
});

test.for<[livesMs: number, usableMs: number]>([
  [10 * MINUTE_MS, 9 * MINUTE_MS],
  [90 * MINUTE_MS, 55 * MINUTE_MS],
  [MINUTE_MS, 0],
  [0, 0],
])("one that lives %i ms is kept for %i ms", async ([livesMs, usableMs]) => {
  await open().keep(use, { ...HOUR, livesMs });
  clockMs += usableMs - 1;
  expect(await open().find(use)).toBe(usableMs === 0 ? undefined : HOUR.accessToken);
  clockMs += 1;
  expect(await open().find(use)).toBeUndefined();
});

test("a clock that was set back does not make it last longer", async () => {
  await open().keep(use, HOUR);
  clockMs -= 1;
  expect(await open().find(use)).toBeUndefined();
});

test.for<[title: string, change: Partial<TokenUse>]>([
  ["tenant", { tenantId: "c58d2f17-9e46-4b0a-b3d1-25e87a60cf94" }],
  ["app", { clientId: "0d3f9a54-1111-4e39-9d57-3f2c61ab70de" }],
  ["sign-in service", { loginOrigin: "http://127.0.0.1:1" }],
  ["resource", { scope: "https://outlook.office365.com/.default" }],
])("a token for another %s is not used", async ([, change]) => {
  await open().keep(use, HOUR);
  expect(await open().find({ ...use, ...change })).toBeUndefined();
  expect(await open().find(use)).toBe(HOUR.accessToken);
});

test("a token of another tier is not used, nor forgotten with this one's", async () => {
  await open({ tier: "DEFENDER" }).keep(use, HOUR);
  expect(await open().find(use)).toBeUndefined();
  await open().keep(use, HOUR);
  await open().forget(use.tenantId);
  expect(await open().find(use)).toBeUndefined();
  expect(await open({ tier: "DEFENDER" }).find(use)).toBe(HOUR.accessToken);
});

test("without a folder nothing is kept", async () => {
  const cache = createTokenCache(undefined, { tier: "DEFENDER", onRefused: (error) => refusals.push(error) });
  await cache.keep(use, HOUR);
  expect(await cache.find(use)).toBeUndefined();
  expect(refusals).toEqual([]);
});

test.for([
  ["half of one", "{"],
  ["another shape", '{"accessToken":"eyJ.canary"}'],
  ["nothing", ""],
])("a file that holds %s is replaced", async ([, text = ""]) => {
  await open().keep(use, HOUR);
  await writeFile(join(folder, "tokens", FILE), text);
  expect(await open().find(use)).toBeUndefined();
  await open().keep(use, HOUR);
  expect(await open().find(use)).toBe(HOUR.accessToken);
});

describe("on POSIX", { skip: process.platform === "win32" }, () => {
  test("folder and file are their owner's alone, and nothing else is left", async () => {
    await open().keep(use, HOUR);
    const mode = async (path: string) => ((await stat(join(folder, path))).mode & 0o777).toString(8);
    expect(await mode("tokens")).toBe("700");
    expect(await mode(`tokens/${FILE}`)).toBe("600");
    expect(await readdir(join(folder, "tokens"))).toEqual([FILE]);
  });

  test.for<[title: string, tamper: (tokens: string) => Promise<unknown>, words: string]>([
    ["a folder that others can look into", (tokens) => chmod(tokens, 0o755), "mode 755"],
    ["a file that others can read", (tokens) => chmod(join(tokens, FILE), 0o644), "mode 644"],
    [
      "a folder that is a link",
      async (tokens) => {
        await rename(tokens, `${tokens}-elsewhere`);
        await symlink(`${tokens}-elsewhere`, tokens);
      },
      "no ordinary folder",
    ],
    [
      "a file that is a link",
      async (tokens) => {
        await rename(join(tokens, FILE), join(tokens, "elsewhere"));
        await symlink(join(tokens, "elsewhere"), join(tokens, FILE));
      },
      "no ordinary file",
    ],
    ["a file with a second name", (tokens) => link(join(tokens, FILE), join(tokens, "second")), "hard link"],
  ])("%s is refused, in words without the token or the path", async ([, tamper, words]) => {
    await open().keep(use, HOUR);
    await tamper(join(folder, "tokens"));
    expect(await open().find(use)).toBeUndefined();
    expect(refusals).toMatchObject([{ code: "TOKEN_CACHE_UNSAFE", message: expect.stringContaining(words) }]);
    expect(refusals[0]?.message).not.toMatch(/canary|tokens-/);
  });

  test("nothing is written into a folder that is open to others", async () => {
    await mkdir(join(folder, "tokens"), { mode: 0o777 });
    await chmod(join(folder, "tokens"), 0o777);
    await open().keep(use, HOUR);
    expect(refusals).toMatchObject([{ code: "TOKEN_CACHE_UNSAFE" }]);
    expect(await readdir(join(folder, "tokens"))).toEqual([]);
  });

  test("a link in place of the file is replaced when a token is kept, and what it leads to stays", async () => {
    await open().keep(use, HOUR);
    await writeFile(join(folder, "victim"), "untouched");
    await rm(join(folder, "tokens", FILE));
    await symlink(join(folder, "victim"), join(folder, "tokens", FILE));
    await open().keep(use, HOUR);
    expect(await readFile(join(folder, "victim"), "utf8")).toBe("untouched");
    expect(await open().find(use)).toBe(HOUR.accessToken);
  });

  test("a folder that cannot be made is told, and is no end", async () => {
    await writeFile(join(folder, "file"), "");
    const cache = createTokenCache(join(folder, "file"), {
      tier: "DEFENDER",
      onRefused: (error) => refusals.push(error),
    });
    await cache.keep(use, HOUR);
    expect(refusals).toMatchObject([
      { code: "TOKEN_CACHE_UNUSABLE", message: expect.stringContaining("ENOTDIR") },
    ]);
  });
});
