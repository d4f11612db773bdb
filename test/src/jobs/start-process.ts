import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Timings } from "../../../src/jobs/consume-queue.ts";
import type { Job } from "../../../src/jobs/contract.ts";
import type { QueueName } from "../../../src/jobs/queue.ts";
import type { Place } from "./open-place.ts";

/** What the process does before it waits to be killed. */
export interface Errand {
  place: Place;
  timings: Timings;
  queue: QueueName;
  enqueue: Job[];
  /** Take jobs; every run and every telling begins and never ends. */
  consume: boolean;
}

/** What it reports over its IPC channel. */
export type Report = { event: "queued" | "started" | "telling"; jobId: string; attempt?: number };

/** Another process of the same installation, to be killed without warning. */
export interface JobProcess {
  reports: Report[];
  /** SIGKILL, the whole process. */
  kill(): Promise<void>;
}

export function startProcess(errand: Errand): JobProcess {
  const child = fork(fileURLToPath(new URL("./job-process.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
  });
  const reports: Report[] = [];
  child.on("message", (report: Report) => reports.push(report));
  child.send(errand);
  return {
    reports,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
