import { createEmbeddedJobs } from "../../../src/jobs/embedded.ts";
import { type Answer, createAssistant } from "../../../worker/assistant/assistant.ts";
import type { Asker } from "../../../worker/assistant/prompt.ts";
import type { Decision } from "../../../worker/assistant/run-calls.ts";
import { collectLog } from "../../log.ts";
import { LIMITS } from "./limits.ts";
import { testTools } from "./test-tools.ts";

/** What the process is to go on with. */
export interface Errand {
  apiKey: string;
  baseURL: string;
  /** Of the embedded queue. */
  dataDir: string;
  asker: Asker;
  /** JSON, as another process left it. */
  paused: string;
  decisions: Record<string, Decision>;
}

/** What came of it. */
export interface Told {
  outcome: Answer["outcome"];
  ran: [name: string, input: unknown][];
}

// Another worker, started by resume.test.ts.
process.once("message", async ({ apiKey, baseURL, dataDir, asker, paused, decisions }: Errand) => {
  const { log } = collectLog();
  const jobs = await createEmbeddedJobs({ dataDir, log });
  const ran: Told["ran"] = [];
  const assistant = createAssistant({ apiKey, baseURL, store: jobs.store, log, limits: LIMITS });
  const { outcome } = await assistant.resume(JSON.parse(paused), decisions, {
    asker,
    tools: testTools(ran),
    emit: () => undefined,
    signal: new AbortController().signal,
  });
  await jobs.close();
  process.send?.({ outcome, ran } satisfies Told);
});
