import type { Store } from "../store/store.ts";
import type { Job } from "./contract.ts";

/** One queue for each promise about crashes; see ARCHITECTURE.md. */
export const queueNames = ["lookups", "investigations"] as const;
export type QueueName = (typeof queueNames)[number];

/**
 * What becomes of a job whose worker died while it ran.
 * - `interrupt`: never run again; `onInterrupted` tells the person.
 * - `rerun`: run again, at least once, up to `attempts` starts in all.
 */
export type CrashPolicy = { kind: "interrupt" } | { kind: "rerun"; attempts: number };

export const crashPolicies: Record<QueueName, CrashPolicy> = {
  lookups: { kind: "rerun", attempts: 3 },
  investigations: { kind: "interrupt" },
};

/**
 * - `queued`: the job is in the queue and will be run or explained. A repeated id is `queued` too: it is that job.
 * - `unavailable`: the job will not run, not even when the queue comes back ("no ghost").
 */
export type EnqueueOutcome = { kind: "queued" } | { kind: "unavailable"; reason: string };

/** The webhook's half. */
export interface Producer {
  /** Never rejects, and settles within 1.5 s whatever the queue does (accepts and never answers included). */
  enqueue(job: Job): Promise<EnqueueOutcome>;
  /** Is the queue answering now? Settles within 1.5 s. */
  isReady(): Promise<boolean>;
  /**
   * Asks the worker to stop a job, running or waiting. A job that has ended is not touched.
   * Never rejects, and settles within 1.5 s: `queued` means that the worker will see it.
   */
  cancel(jobId: string): Promise<EnqueueOutcome>;
  close(): Promise<void>;
}

/** How many jobs a queue holds. */
export interface QueueDepth {
  waiting: number;
  active: number;
}

/** What nobody answered in time, or answered with an error. */
export interface OutOfSight {
  kind: "unavailable";
  reason: string;
}

/** What the webhook may look at while Discord waits. Neither method rejects, and both settle within 1.5 s. */
export interface Outlook {
  /** What lies in the store under `keys`, in their order. */
  read(keys: readonly string[]): Promise<{ kind: "read"; values: (string | undefined)[] } | OutOfSight>;
  depths(): Promise<{ kind: "counted"; depths: Record<QueueName, QueueDepth> } | OutOfSight>;
}

export interface JobContext {
  /** Aborted when a person cancels (`reason` is a `JobCancelled`), the process shuts down or the lock is lost. */
  signal: AbortSignal;
  /** 1 for the first start; more after a crash under `rerun`. */
  attempt: number;
  /** Stored with the job, newest only; `inspect` shows it. Never rejects. */
  progress(value: object): Promise<void>;
}

export interface ConsumerOptions {
  concurrency: number;
  /** Runs one job. Its rejection marks the job as failed and is logged; it is never run again for that. */
  run(job: unknown, context: JobContext): Promise<void>;
  /**
   * A job that had started and whose worker died, under `interrupt`. Called at least once per such job, also when
   * the process that finds it starts later, and again until it resolves.
   */
  onInterrupted(job: unknown): Promise<void>;
}

/** The worker's half. */
export interface Consumer {
  /** Resolves when jobs are being taken. */
  ready(): Promise<void>;
  /** How many jobs run now. */
  running(): number;
  /** Takes no more jobs, waits `graceMs` for those that run, then aborts their signals and waits for them to end. */
  close(options: { graceMs: number }): Promise<void>;
}

export interface JobState {
  state: "waiting" | "active" | "completed" | "failed";
  progress: object | undefined;
}

/** Everything that one process needs of the queue's technology. `createRedisJobs` and `createEmbeddedJobs` make one. */
export interface Jobs {
  producer(queue: QueueName): Producer;
  outlook: Outlook;
  consumer(queue: QueueName, options: ConsumerOptions): Consumer;
  inspect(queue: QueueName, jobId: string): Promise<JobState | undefined>;
  store: Store;
  close(): Promise<void>;
}

/** The reason of an abort that a person asked for. */
export class JobCancelled extends Error {
  override readonly name = "JobCancelled";
}
/** The reason of an abort because the process stops or lost the job's lock. */
export class JobInterrupted extends Error {
  override readonly name = "JobInterrupted";
}
