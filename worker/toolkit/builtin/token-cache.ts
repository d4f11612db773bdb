import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../../src/errors.ts";
import type { Tier } from "./tiers.ts";
import { codeOf, writeWhole } from "./write-whole.ts";

/** What a token is for. Only one that agrees in all of it is used again. */
export interface TokenUse {
  tenantId: string;
  /** Part of it, so that a stand-in's token never goes to Microsoft. */
  loginOrigin: string;
  clientId: string;
  scope: string;
}

/** Tokens of one tier, kept on disk for the account that runs this and for nobody else. */
export interface TokenCache {
  find: (use: TokenUse) => Promise<string | undefined>;
  keep: (use: TokenUse, token: { accessToken: string; livesMs: number }) => Promise<void>;
  /** Drops what is kept for a tenant: a token holds the permissions of the moment it was made. */
  forget: (tenantId: string) => Promise<void>;
}

export interface TokenCacheOptions {
  tier: Tier;
  now?: () => number;
  platform?: NodeJS.Platform;
  /**
   * Told why the cache is not used: `TOKEN_CACHE_UNSAFE` if somebody else could read or replace it,
   * `TOKEN_CACHE_UNUSABLE` if the system refuses. Whether that ends the program is for it to say, by throwing.
   */
  onRefused: (error: AppError) => void;
}

/** Microsoft's tokens live for 60 to 90 minutes, so a run that starts with the oldest still has five. */
const KEPT_MS = 55 * 60_000;
/** Where a token lives shorter than usual, it is dropped this long before its end. */
const MARGIN_MS = 60_000;

const Entry = z.object({
  use: z.object({
    tenantId: z.string(),
    loginOrigin: z.string(),
    clientId: z.string(),
    scope: z.string(),
  }),
  accessToken: z.string().min(1),
  keptAt: z.number(),
  usableUntil: z.number(),
});

/**
 * @param folder - The account's own cache folder. `undefined`: nothing is kept.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime
 */
export function createTokenCache(
  folder: string | undefined,
  { tier, now = Date.now, platform = process.platform, onRefused }: TokenCacheOptions,
): TokenCache {
  if (folder === undefined)
    return { find: async () => undefined, keep: async () => {}, forget: async () => {} };
  const tokens = join(folder, "tokens");
  const beginningOf = (tenantId: string) => `${tenantId}.${tier.toLowerCase()}.`;
  const nameOf = ({ tenantId, scope }: TokenUse) => `${beginningOf(tenantId)}${new URL(scope).hostname}.json`;

  async function guarded<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      onRefused(thrown instanceof AppError ? thrown : unusable(thrown));
      return undefined;
    }
  }

  return {
    find: (use) =>
      guarded(async () => {
        const text = await readOwn(tokens, nameOf(use), platform);
        const entry = text === undefined ? undefined : parseEntry(text);
        if (entry === undefined || !isFor(use, entry.use)) return undefined;
        // A clock that was set back must not make a token last longer.
        return entry.keptAt <= now() && now() < entry.usableUntil ? entry.accessToken : undefined;
      }),
    async keep(use, { accessToken, livesMs }) {
      const keptAt = now();
      const usableUntil = keptAt + Math.min(KEPT_MS, livesMs - MARGIN_MS);
      if (usableUntil <= keptAt) return;
      await guarded(async () => {
        await mkdir(tokens, { recursive: true, mode: 0o700 });
        await checkOwn(tokens, "folder", platform);
        const entry: z.input<typeof Entry> = { use, accessToken, keptAt, usableUntil };
        await writeWhole(tokens, nameOf(use), JSON.stringify(entry));
      });
    },
    async forget(tenantId) {
      const names = await readdir(tokens).catch(() => []);
      for (const name of names.filter((one) => one.startsWith(beginningOf(tenantId)))) {
        await guarded(() => rm(join(tokens, name), { force: true }));
      }
    },
  };
}

function isFor(use: TokenUse, kept: TokenUse): boolean {
  return (
    use.tenantId === kept.tenantId &&
    use.loginOrigin === kept.loginOrigin &&
    use.clientId === kept.clientId &&
    use.scope === kept.scope
  );
}

/** `undefined` for what is no entry: it is written anew. */
function parseEntry(text: string): z.output<typeof Entry> | undefined {
  try {
    return Entry.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function readOwn(folder: string, name: string, platform: NodeJS.Platform): Promise<string | undefined> {
  const path = join(folder, name);
  try {
    await checkOwn(folder, "folder", platform);
    await checkOwn(path, "file", platform);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
  // Not through a link that was put there since. Windows has no such flag.
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/**
 * Ours, no link, and closed to others. On Windows modes say nothing: there the folder lies in the account's own
 * LOCALAPPDATA, which Windows closes.
 * @throws {AppError} `TOKEN_CACHE_UNSAFE`
 */
async function checkOwn(path: string, kind: "folder" | "file", platform: NodeJS.Platform): Promise<void> {
  const stats = await lstat(path);
  if (kind === "folder" ? !stats.isDirectory() : !stats.isFile()) throw unsafe(kind, `no ordinary ${kind}`);
  if (kind === "file" && stats.nlink > 1) throw unsafe(kind, "one with a second name (a hard link)");
  if (platform === "win32") return;
  if (stats.uid !== process.getuid?.()) throw unsafe(kind, "one that belongs to another account");
  const mode = stats.mode & 0o777;
  if ((mode & 0o077) !== 0) throw unsafe(kind, `one that others can use (mode ${mode.toString(8)})`);
}

function unsafe(kind: "folder" | "file", found: string): AppError {
  const expected = kind === "folder" ? "the folder of kept tokens" : "a kept token";
  return new AppError(
    "TOKEN_CACHE_UNSAFE",
    `Expected ${expected} to be an ordinary ${kind} of this account alone, found ${found}. It was not used. Find out who made it so, delete the folder msp-discord-bot in the account's cache folder, and run it again.`,
  );
}

function unusable(cause: unknown): AppError {
  return new AppError(
    "TOKEN_CACHE_UNUSABLE",
    `Tokens cannot be kept in this account's cache folder (${codeOf(cause)}); each run asks for new ones.`,
    { cause },
  );
}
