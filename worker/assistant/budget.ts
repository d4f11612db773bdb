import type Anthropic from "@anthropic-ai/sdk";
import { AppError, coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Store } from "../../src/store/store.ts";
import { costOf } from "./cost.ts";

const DAY_MS = 24 * 60 * 60_000;
/** Longer than the day it counts, since clocks differ between workers. */
const KEEP_MS = 2 * DAY_MS;
const NANO_PER_CENT = 10_000_000;

/** Per day, which ends at midnight UTC. */
interface DayLimit {
  cents: number;
  tokens: number;
}

export interface BudgetLimits {
  user: DayLimit;
  guild: DayLimit;
}

/** The limits as they stand in the configuration. */
export function budgetLimits(config: {
  CLAUDE_USER_DAILY_CENTS: number;
  CLAUDE_USER_DAILY_TOKENS: number;
  CLAUDE_GUILD_DAILY_CENTS: number;
  CLAUDE_GUILD_DAILY_TOKENS: number;
}): BudgetLimits {
  return {
    user: { cents: config.CLAUDE_USER_DAILY_CENTS, tokens: config.CLAUDE_USER_DAILY_TOKENS },
    guild: { cents: config.CLAUDE_GUILD_DAILY_CENTS, tokens: config.CLAUDE_GUILD_DAILY_TOKENS },
  };
}

/** Whose money it is. */
export interface Spender {
  userId: string;
  guildId: string;
}

interface Spent {
  cents: number;
  tokens: number;
  limit: DayLimit;
}

/** For `/usage`. */
export interface UsageSummary {
  user: Spent;
  guild: Spent;
  /** Milliseconds since 1970. */
  resetsAt: number;
  /** Some of it was for a model whose price is not known, and counts at the dearest known price. */
  isEstimate: boolean;
}

export interface Budget {
  /**
   * Words if one of the limits is reached. Several questions of one person may each pass before the first is charged, so a limit can be exceeded by one
   * answer per running question.
   */
  check(spender: Spender): Promise<AppError | undefined>;
  /** Never rejects: an answer is not thrown away because it could not be put on the bill. @returns Billionths of a US dollar. */
  charge(spender: Spender, model: string, usage: Anthropic.Usage): Promise<number>;
  usage(spender: Spender): Promise<UsageSummary>;
}

export function createBudget({
  store,
  log,
  now = Date.now,
  limits,
}: {
  store: Store;
  log: Log;
  now?: () => number;
  limits: BudgetLimits;
}): Budget {
  const keyOf = (name: string) => `budget:${new Date(now()).toISOString().slice(0, 10)}:${name}`;

  async function usage({ userId, guildId }: Spender): Promise<UsageSummary> {
    const names = [`user:${userId}`, `guild:${guildId}`].flatMap((who) => [`${who}:nano`, `${who}:tokens`]);
    const values = await store.getMany([...names, `guild:${guildId}:estimate`].map(keyOf));
    const [userNano, userTokens, guildNano, guildTokens, estimate] = values.map((value) =>
      Number(value ?? 0),
    );
    return {
      user: spent(userNano, userTokens, limits.user),
      guild: spent(guildNano, guildTokens, limits.guild),
      resetsAt: (Math.floor(now() / DAY_MS) + 1) * DAY_MS,
      isEstimate: estimate !== 0,
    };
  }

  return {
    usage,
    async check(spender) {
      const { user, guild, resetsAt } = await usage(spender);
      const when = new Date(resetsAt).toISOString().slice(0, 16).replace("T", " ");
      if (isReached(user)) {
        return new AppError(
          "BUDGET_USER_SPENT",
          `Your budget for the assistant is used up for today (${inWords(user)}). It starts anew at ${when} UTC; until then the slash commands work as always.`,
        );
      }
      if (isReached(guild)) {
        return new AppError(
          "BUDGET_GUILD_SPENT",
          `The team's budget for the assistant is used up for today (${inWords(guild)}). It starts anew at ${when} UTC; until then the slash commands work as always.`,
        );
      }
      return undefined;
    },
    async charge({ userId, guildId }, model, used) {
      const { nanoDollars, tokens, isKnown } = costOf(model, used);
      if (!isKnown) log.warn({ model }, "no price known for this model; counted at the dearest one");
      const add = (name: string, by: number) => store.increment(keyOf(name), by, { ttlMs: KEEP_MS });
      try {
        for (const who of [`user:${userId}`, `guild:${guildId}`]) {
          await add(`${who}:nano`, nanoDollars);
          await add(`${who}:tokens`, tokens);
        }
        if (!isKnown) await add(`guild:${guildId}:estimate`, 1);
      } catch (thrown) {
        log.error({ nanoDollars, tokens, err: coerceError(thrown) }, "usage of Claude could not be counted");
      }
      return nanoDollars;
    },
  };
}

function spent(nanoDollars = 0, tokens = 0, limit: DayLimit): Spent {
  return { cents: nanoDollars / NANO_PER_CENT, tokens, limit };
}

function isReached({ cents, tokens, limit }: Spent): boolean {
  return cents >= limit.cents || tokens >= limit.tokens;
}

function inWords({ cents, tokens, limit }: Spent): string {
  const dollars = (amount: number) => `$${(amount / 100).toFixed(2)}`;
  return `${dollars(cents)} of ${dollars(limit.cents)}, ${tokens} of ${limit.tokens} tokens`;
}
