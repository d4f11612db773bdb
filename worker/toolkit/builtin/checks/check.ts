import type { CheckId } from "../../../findings/findings.ts";
import type { CheckError } from "../check-error.ts";
import type { GraphClient } from "../graph-client.ts";
import type { Limits } from "../limits.ts";

/** The account under investigation, as far as it could be read. */
export type Account =
  | { kind: "found"; id: string; upn: string; user: unknown }
  /** It exists as far as we know, but the app may not read it: checks go on by sign-in name. */
  | { kind: "unreadable"; upn: string; error: CheckError };

export interface CheckContext {
  graph: GraphClient;
  limits: Limits;
  account: Account;
  windowDays: number;
  now: () => number;
  /** Leaves an artifact. */
  save: (name: string, content: unknown) => Promise<void>;
}

export interface CheckResult {
  records: number;
  truncated: boolean;
  /** Why the check saw less than it should: its status is then this one's, whatever was saved. */
  problem?: CheckError;
  /** A gap beside the records themselves, which are complete. */
  note?: CheckError;
}

/** One point of the investigation. Throws `CheckError` if it could see nothing at all. */
export interface Check {
  id: CheckId;
  run: (context: CheckContext) => Promise<CheckResult>;
}
