import { STOPPED_AFTER_PASSWORD } from "../../../findings/indicators/sign-in-facts.ts";
import type { SignIn } from "../../../findings/sign-in.ts";
import { traitsOf } from "../../../findings/sweep/sign-in-traits.ts";

type Reason = "stands out" | "abroad" | "stopped abroad" | "tried";

/** Rows for each reason, in the order in which they come: newest first. */
const MAX_ROWS: Readonly<Record<Reason, number>> = {
  "stands out": 300,
  abroad: 500,
  "stopped abroad": 300,
  tried: 200,
};

/** Keeps a few of the sign-ins that tell something, as Graph returned them, so that a person can look for themselves. */
export function createTellingSample({ country }: { country: string | undefined }) {
  const rows: unknown[] = [];
  const kept = new Map<Reason, number>();

  function reasonOf(signIn: SignIn): Reason | undefined {
    if (traitsOf(signIn).length > 0) return "stands out";
    const isAbroad = country !== undefined && signIn.country !== undefined && signIn.country !== country;
    if (signIn.succeeded) return isAbroad ? "abroad" : undefined;
    const { errorCode } = signIn;
    if (errorCode !== undefined && STOPPED_AFTER_PASSWORD.has(errorCode))
      return isAbroad ? "stopped abroad" : undefined;
    return "tried";
  }

  return {
    add(row: unknown, signIn: SignIn): void {
      const reason = reasonOf(signIn);
      const count = kept.get(reason ?? "tried") ?? 0;
      if (reason === undefined || count >= MAX_ROWS[reason]) return;
      kept.set(reason, count + 1);
      rows.push(row);
    },
    rows: () => rows,
  };
}
