import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { JobId, Origin, Work } from "../../src/jobs/contract.ts";
import type { Store } from "../../src/store/store.ts";
import { Baseline } from "../findings/compare.ts";
import { FindingsDocument } from "../findings/findings.ts";
import { Report } from "../report.ts";

const DAY_MS = 24 * 60 * 60_000;
/** In a case's folder: what the case was judged by. */
export const DOCUMENT_NAME = "findings.json";

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
  interaction: Origin,
  report: Report,
  durationMs: z.number().nonnegative(),
});
export type Delivery = z.infer<typeof Delivery>;

export interface Cases {
  /** How long anything of a case is kept, its buttons included. */
  readonly keepDays: number;
  /** Holds a folder for each case, and nothing else. */
  readonly root: string;
  /** Makes the folder where a case keeps its artifacts and its zip; it is not deleted while `use` runs. */
  withFolder<T>(caseId: string, use: (folder: string) => Promise<T>): Promise<T>;
  /** Whether this process is working in the case's folder. */
  isInUse(caseId: string): boolean;
  /** `undefined` if the folder is gone, on another machine, or of a release with another schema. */
  readDocument(caseId: string): Promise<FindingsDocument | undefined>;
  save(caseId: string, value: Case): Promise<void>;
  read(caseId: string): Promise<Case | undefined>;
  /** What the store knows of a case; its folder is for the retention to delete. */
  forget(caseId: string): Promise<void>;
  /** What the last run of a subject found, for the next one to be compared with. */
  readBaseline(subjectKey: string): Promise<Baseline | undefined>;
  saveBaseline(subjectKey: string, baseline: Baseline | undefined): Promise<void>;
  /** A report is owed from here on until `delivered`, whatever happens to this process. */
  owe(delivery: Delivery): Promise<void>;
  owed(): Promise<string[]>;
  readOwed(jobId: string): Promise<Delivery | undefined>;
  delivered(jobId: string): Promise<void>;
  /** Has the person who asked been told how the job ended? */
  isDelivered(jobId: string): Promise<boolean>;
}

const OWED = "owed:";

/** @param dataDir - Absolute: paths of it are kept in reports. */
export function createCases({
  store,
  dataDir,
  keepDays = 30,
}: {
  store: Store;
  dataDir: string;
  keepDays?: number;
}): Cases {
  const root = join(dataDir, "cases");
  const ttlMs = keepDays * DAY_MS;
  const inUse = new Set<string>();

  return {
    keepDays,
    root,
    async withFolder(caseId, use) {
      inUse.add(caseId);
      try {
        const folder = join(root, caseId);
        await mkdir(folder, { recursive: true, mode: 0o700 });
        return await use(folder);
      } finally {
        inUse.delete(caseId);
      }
    },
    isInUse: (caseId) => inUse.has(caseId),
    async readDocument(caseId) {
      const path = join(root, caseId, DOCUMENT_NAME);
      return readFile(path, "utf8")
        .then((text) => parse(FindingsDocument, text))
        .catch(() => undefined);
    },
    save: (caseId, value) => store.set(`case:${caseId}`, JSON.stringify(value), { ttlMs }),
    read: async (caseId) => parse(Case, await store.get(`case:${caseId}`)),
    forget: (caseId) => store.delete(`case:${caseId}`),
    readBaseline: async (subjectKey) => parse(Baseline, await store.get(`baseline:${subjectKey}`)),
    async saveBaseline(subjectKey, baseline) {
      if (baseline === undefined) return;
      await store.set(`baseline:${subjectKey}`, JSON.stringify(baseline), { ttlMs });
    },
    owe: (delivery) => store.set(OWED + delivery.jobId, JSON.stringify(delivery), { ttlMs }),
    owed: async () => (await store.keys(OWED)).map((key) => key.slice(OWED.length)),
    readOwed: async (jobId) => parse(Delivery, await store.get(OWED + jobId)),
    delivered: async (jobId) => {
      await store.set(`delivered:${jobId}`, "1", { ttlMs });
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
