import type { AccessTokenOptions } from "./access-token.ts";
import type { Settings } from "./environment.ts";
import { findApp } from "./find-app.ts";
import type { Limits } from "./limits.ts";
import type { ProgramIo } from "./program.ts";
import type { RunClock } from "./run-clock.ts";
import { createTokenCache } from "./token-cache.ts";

/** What an investigator's token is requested with. */
export type Login = Required<Omit<AccessTokenOptions, "scope">>;

/** @throws {CheckError} if there is no app registration to sign in with. */
export async function openLogin(
  io: ProgramIo,
  { settings, clock, limits }: { settings: Settings; clock: RunClock; limits: Limits },
): Promise<Login> {
  const cache = createTokenCache(settings.cacheFolder, {
    tier: "INVESTIGATOR",
    now: clock.now,
    onRefused: ({ message }) => io.complain(message),
  });
  const app = await findApp(io.env, "INVESTIGATOR");
  return { loginOrigin: settings.loginOrigin, ...app, cache, clock, limit: limits.directory };
}
