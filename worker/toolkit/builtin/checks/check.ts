import type { CheckId } from "../../../findings/findings.ts";
import type { CheckError } from "../check-error.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { GraphClient } from "../graph-client.ts";
import type { Limits } from "../limits.ts";
import type { Window } from "../window.ts";

/** The account under investigation, as far as it could be read. */
export type Account =
  | { kind: "found"; id: string; upn: string; user: unknown }
  /** It exists as far as we know, but the app may not read it: checks go on by sign-in name where that serves. */
  | { kind: "unreadable"; upn: string; error: CheckError };

export interface CheckContext {
  graph: GraphClient;
  exchange: ExchangeClient;
  limits: Limits;
  /** As it was asked for. Where Graph takes it in place of the id, a check need not wait for the account. */
  upn: string;
  /**
   * Read while the checks run.
   * @throws {CheckError} if there is no such account.
   */
  account: () => Promise<Account>;
  window: Window;
  save: Save;
}

/** Leaves an artifact. */
export type Save = (name: string, content: unknown) => Promise<void>;

export interface CheckResult {
  records: number;
  truncated: boolean;
  /** Why the check saw less than it should: its status is then this one's, whatever was saved. */
  problem?: CheckError;
  /** Gaps beside the records themselves, which are complete. */
  notes?: readonly CheckError[];
}

/** One point of the investigation. Throws `CheckError` if it could see nothing at all. */
export interface Check {
  id: CheckId;
  /** Rests on something that a customer need not grant, so that its absence is no failure. */
  optional?: true;
  /** Sees what happened in the window only, and so depends on the clock. */
  windowed?: true;
  run: (context: CheckContext) => Promise<CheckResult>;
}

/** @throws {CheckError} also if the account may not be read: its id is then not known. */
export async function accountId({ account }: CheckContext): Promise<string> {
  const known = await account();
  if (known.kind === "unreadable") throw known.error;
  return known.id;
}
