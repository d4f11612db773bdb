import { join } from "node:path";
import * as z from "zod";
import { InteractionRef, JobId, Work } from "../../src/jobs/contract.ts";
import type { Store } from "../../src/store/store.ts";
import { Report } from "../report.ts";

/** How long "Run again" and "Show result" work, and how long a report waits for Discord. */
const KEEP_MS = 24 * 60 * 60_000;

/** What is known of a job beyond its end; the case id is the job id. */
const Case = z.object({
  requesterId: z.string(),
  ephemeral: z.boolean(),
  work: Work,
  report: Report.exactOptional(),
});
export type Case = z.infer<typeof Case>;

/** A report on its way to Discord. */
const Delivery = z.object({
  jobId: JobId,
  interaction: InteractionRef,
  report: Report,
  durationMs: z.number().nonnegative(),
});
export type Delivery = z.infer<typeof Delivery>;

export interface Cases {
  /** Where a case keeps its artifacts and its zip. */
  folder(caseId: string): string;
  save(caseId: string, value: Case): Promise<void>;
  read(caseId: string): Promise<Case | undefined>;
  /** A report is owed from here on until `delivered`, whatever happens to this process. */
  owe(delivery: Delivery): Promise<void>;
  owed(): Promise<string[]>;
  readOwed(jobId: string): Promise<Delivery | undefined>;
  delivered(jobId: string): Promise<void>;
  /** Has the person who asked been told how the job ended? */
  isDelivered(jobId: string): Promise<boolean>;
}

const OWED = "owed:";

export function createCases({ store, dataDir }: { store: Store; dataDir: string }): Cases {
  return {
    folder: (caseId) => join(dataDir, "cases", caseId),
    save: (caseId, value) => store.set(`case:${caseId}`, JSON.stringify(value), { ttlMs: KEEP_MS }),
    read: async (caseId) => parse(Case, await store.get(`case:${caseId}`)),
    owe: (delivery) => store.set(OWED + delivery.jobId, JSON.stringify(delivery), { ttlMs: KEEP_MS }),
    owed: async () => (await store.keys(OWED)).map((key) => key.slice(OWED.length)),
    readOwed: async (jobId) => parse(Delivery, await store.get(OWED + jobId)),
    delivered: async (jobId) => {
      await store.set(`delivered:${jobId}`, "1", { ttlMs: KEEP_MS });
      await store.delete(OWED + jobId);
    },
    isDelivered: async (jobId) => (await store.get(`delivered:${jobId}`)) !== undefined,
  };
}

/** What an older release wrote in another shape counts as forgotten. */
function parse<Schema extends z.ZodType>(
  schema: Schema,
  text: string | undefined,
): z.output<Schema> | undefined {
  return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data;
}
