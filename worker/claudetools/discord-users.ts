import * as z from "zod";
import type { Catalogue } from "../../src/claudetools/catalogue.ts";
import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Store } from "../../src/store/store.ts";
import { timeoutSignal } from "../../src/timeout-signal.ts";
import type { CatalogueSource } from "./catalogue-source.ts";
import type { ClaudeToolsClient } from "./client.ts";
import { type FoundEndpoint, findEndpoint } from "./find-endpoint.ts";
import { readRows } from "./read-rows.ts";

/**
 * What ClaudeTools says of a Discord user.
 * - `silent`: it has no such table, no such user, or does not answer and never did. It then takes nothing away.
 * - `known`: `role` as it stands there; `level` is what that lets a person do, `none` for nothing.
 */
export type Standing =
  | { kind: "silent" }
  | { kind: "known"; role: string; level: "admin" | "tech" | "none"; user: string | undefined };

export interface DiscordUsers {
  /** Cached for minutes; of an API that is down the last answer holds. Rejects only with the signal's reason. */
  standingOf(userId: string, signal: AbortSignal): Promise<Standing>;
}

interface DiscordUsersOptions {
  client: ClaudeToolsClient;
  catalogue: CatalogueSource;
  store: Pick<Store, "get" | "set">;
  log: Log;
  now?: () => number;
  /** How long it stands in the way of a command. Default: 2 s. */
  patienceMs?: number;
}

const Kept = z.object({
  at: z.number(),
  standing: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("silent") }),
    z.object({
      kind: z.literal("known"),
      role: z.string(),
      level: z.enum(["admin", "tech", "none"]),
      user: z
        .string()
        .optional()
        .transform((user) => user),
    }),
  ]),
});

const FRESH_MS = 5 * 60_000;
/** Somebody whose role was taken away while the API is down for longer has Discord's roles to lose as well. */
const KEPT_MS = 7 * 86_400_000;
/** An API that does not answer is not asked again for every command. */
const PAUSE_MS = 60_000;

const PATHS = ["/api/discord-users", "/api/discord_users"];

/** `discord_users` of ClaudeTools, where the API's own description offers it. */
export function createDiscordUsers({
  client,
  catalogue,
  store,
  log,
  now = Date.now,
  patienceMs = 2_000,
}: DiscordUsersOptions): DiscordUsers {
  let pausedUntil = 0;

  return {
    async standingOf(userId, signal) {
      const key = `claudetools:discord-user:${userId}`;
      const kept = await readKept(key);
      const isFresh = kept !== undefined && now() < kept.at + FRESH_MS;
      if (isFresh || now() < pausedUntil) return kept?.standing ?? { kind: "silent" };

      const standing = await ask(userId, AbortSignal.any([signal, timeoutSignal(patienceMs)])).catch(
        (thrown: unknown) => {
          signal.throwIfAborted();
          log.warn({ err: coerceError(thrown) }, "ClaudeTools did not say in time who a Discord user is");
          return undefined;
        },
      );
      if (standing === undefined) {
        pausedUntil = now() + PAUSE_MS;
        return kept?.standing ?? { kind: "silent" };
      }
      await store.set(key, JSON.stringify({ at: now(), standing }), { ttlMs: KEPT_MS }).catch((thrown) => {
        log.warn({ err: coerceError(thrown) }, "the role of a Discord user was not kept");
      });
      return standing;
    },
  };

  async function readKept(key: string): Promise<z.infer<typeof Kept> | undefined> {
    const text = await store.get(key);
    return text === undefined ? undefined : Kept.safeParse(JSON.parse(text)).data;
  }

  /** `undefined`: it did not answer. */
  async function ask(userId: string, signal: AbortSignal): Promise<Standing | undefined> {
    const state = await catalogue.current(signal);
    if (state.kind === "none") return undefined;
    const found = findTable(state.catalogue);
    if (found === undefined) return { kind: "silent" };
    const filters = { discord_id: userId };
    const read = await readRows(found, { client, requestedBy: "system:roles", signal, filters });
    if (read.kind === "read") return toStanding(read.rows, userId);
    log.warn({ problem: read.problem }, "the roles of ClaudeTools were not read");
    return undefined;
  }
}

function findTable(catalogue: Catalogue): FoundEndpoint | undefined {
  return PATHS.map((path) => findEndpoint(catalogue, { method: "GET", path })).find((found) => found);
}

const Row = z.object({
  discord_id: z.union([z.string(), z.number()]).transform(String),
  role: z.string().nullish(),
  claudetools_user: z.string().nullish(),
  is_active: z.boolean().nullish(),
});

/** Several rows of one person: the strictest. A filter that the API does not know gives everybody's, so each is looked at. */
function toStanding(given: readonly unknown[], userId: string): Standing {
  const rows = given
    .flatMap((row) => Row.safeParse(row).data ?? [])
    .filter(({ discord_id: id }) => id === userId);
  const standings = rows.map((row): Extract<Standing, { kind: "known" }> => {
    const role = row.is_active === false ? "inactive" : (row.role ?? "none").slice(0, 60);
    return { kind: "known", role, level: levelOf(role), user: row.claudetools_user?.slice(0, 100) };
  });
  const strictest = standings.toSorted((a, b) => STRICT.indexOf(a.level) - STRICT.indexOf(b.level))[0];
  return strictest ?? { kind: "silent" };
}

const STRICT = ["none", "tech", "admin"];

/** A role that is none of these lets nobody do anything: what it means is for somebody to say first. */
function levelOf(role: string): "admin" | "tech" | "none" {
  const word = role.trim().toLowerCase();
  if (["admin", "administrator", "owner"].includes(word)) return "admin";
  return ["tech", "technician", "engineer"].includes(word) ? "tech" : "none";
}
