import type { Level, Permission } from "../../src/access.ts";
import type { Job, Work } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Progress, Report } from "../report.ts";

export type Allowed = Extract<Permission, { kind: "allowed" }>;

export interface HandlerContext {
  job: Job;
  /** What the person may do: never more than Discord's roles say, and perhaps less. */
  permission: Allowed;
  /** Aborted when a person stops the job or the process ends; a handler then rejects with the signal's reason. */
  signal: AbortSignal;
  /** Replaces what the message shows. Cheap: only the newest reaches Discord. */
  progress(progress: Progress): void;
  /** Carries the job's ids on every line. */
  log: Log;
}

/** Each kind of work by its name, but for "run again", which becomes one of the others before it is handled. */
type Handled = { [Each in Exclude<Work, { kind: "run-again" }> as Each["kind"]]: Each };
export type HandledWork = Handled[keyof Handled];

/** What one kind of job does. It returns plain data; nothing in it knows Discord. */
export interface Handler<Kind extends keyof Handled> {
  /** Asked again here, since the job lay in a queue that others might write to. */
  access: Level;
  /** @throws {AppError} whose text is shown to the requester. */
  run(work: Handled[Kind], context: HandlerContext): Promise<Report>;
}

export type Handlers = { [Kind in keyof Handled]: Handler<Kind> };

/** Hands `work` to the handler of its kind. Two parameters for one thing, so that TypeScript relates the two. */
export function handle<Kind extends keyof Handled>(
  handlers: Handlers,
  kind: Kind,
  work: Handled[Kind],
  context: HandlerContext,
): Promise<Report> {
  return handlers[kind].run(work, context);
}
