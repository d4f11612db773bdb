import { toSignIn } from "../../../findings/sign-in.ts";
import { createSignInFold } from "../../../findings/sweep/fold-sign-ins.ts";
import { CheckError } from "../check-error.ts";
import { about } from "../checks/read-parts.ts";
import { crossChecked } from "../checks/signins.ts";
import type { PagesEnd } from "../collect-pages.ts";
import type { SweepCheck, SweepContext } from "./sweep-check.ts";
import { createTellingSample } from "./telling-sample.ts";

const PERMISSION = "AuditLog.Read.All";
/** The rows themselves are not kept, so there is no place to name. */
const SOURCE = { artifact: "sign-ins", path: "$" };

/** What was read of one kind of sign-in. */
interface Reading {
  name: string;
  records: number;
  /** Milliseconds since 1970: the log comes newest first, so it was seen back to here. */
  backTo: number | undefined;
}

function createReading(name: string): Reading {
  return { name, records: 0, backTo: undefined };
}

/**
 * The tenant's sign-ins, interactive and not, newest first: there may be hundreds of thousands, so each page is folded
 * into groups and dropped. What the run's time does not suffice for is said with the moment back to which it was seen.
 *
 * From the beta endpoint, since v1.0 has no non-interactive sign-ins and names neither factor nor protocol.
 * @see https://learn.microsoft.com/graph/api/signin-list?view=graph-rest-beta
 */
export const signIns: SweepCheck = {
  id: "signins",
  windowed: true,
  async run(context) {
    const { country, save, progress } = context;
    const fold = createSignInFold();
    const sample = createTellingSample({ country });
    const interactive = createReading("interactive");
    const others = createReading("non-interactive");

    function take(rows: readonly unknown[], reading: Reading): void {
      for (const row of rows) {
        if (!isObject(row)) continue;
        const signIn = toSignIn({ kind: "signIn", value: row, source: SOURCE });
        fold.add(signIn);
        sample.add(row, signIn);
        reading.records++;
        if (signIn.at !== undefined) reading.backTo = Math.min(reading.backTo ?? signIn.at, signIn.at);
      }
      progress("signins", interactive.records + others.records);
    }

    // The second begins when the first has shown that there is a log: a refusal costs three requests of the five that
    // may be made in ten seconds.
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const reading = read("interactiveUser", context, (rows) => {
      take(rows, interactive);
      begin();
    });
    const [first, second] = await Promise.allSettled([
      reading,
      Promise.race([begun, reading]).then(() =>
        read("nonInteractiveUser", context, (rows) => take(rows, others)),
      ),
    ]);
    if (first.status === "rejected") throw await refusalOf(first.reason, context);

    const groups = fold.end(country);
    await save("sign-in-groups.json", groups);
    await save("signins-sample.json", {
      "@odata.context": "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns",
      value: sample.rows(),
    });
    const notes = [...gapOf(first, interactive, context), ...gapOf(second, others, context)];
    return { records: groups.counts.total, truncated: notes.length > 0, notes };
  },
};

function read(
  type: "interactiveUser" | "nonInteractiveUser",
  { graph, limits, signInsSince, maxSignInPages }: SweepContext,
  take: (rows: unknown[]) => void,
): Promise<PagesEnd> {
  const filter = `createdDateTime ge ${signInsSince} and signInEventTypes/any(t: t eq '${type}')`;
  return graph.eachPage(
    `/beta/auditLogs/signIns?$filter=${encodeURIComponent(filter)}&$top=1000`,
    { limit: limits.reports, permission: PERMISSION, maxPages: maxSignInPages },
    take,
  );
}

/** In place of a schema that would copy each of three hundred thousand rows; `toSignIn` parses what is in them. */
function isObject(row: unknown): row is Record<string, unknown> {
  return typeof row === "object" && row !== null && !Array.isArray(row);
}

async function refusalOf(thrown: unknown, context: SweepContext): Promise<unknown> {
  return thrown instanceof CheckError && thrown.code === "GRAPH_NOT_PREMIUM"
    ? crossChecked(thrown, context)
    : thrown;
}

/** Why a kind of sign-in is not here whole, with the moment back to which it was seen. */
function gapOf(
  end: PromiseSettledResult<PagesEnd>,
  reading: Reading,
  { maxSignInPages }: SweepContext,
): CheckError[] {
  if (end.status === "rejected") {
    if (!(end.reason instanceof CheckError)) throw end.reason;
    return [about(`No ${reading.name} sign-ins could be read.`, end.reason)];
  }
  const { truncated, problem } = end.value;
  if (!truncated) return [];
  const since = reading.backTo === undefined ? "the last ones" : `those since ${minute(reading.backTo)}`;
  const seen = `Of the ${reading.name} sign-ins only ${since} were read, ${reading.records} of them.`;
  if (problem !== undefined) return [about(seen, problem)];
  return [
    new CheckError("PAGE_CAP", `${seen} That is the limit of ${maxSignInPages} pages.`, {
      status: "error",
      howToFix: "Sweep fewer hours, or look at the older ones in the Entra admin center, Sign-in logs.",
    }),
  ];
}

function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
