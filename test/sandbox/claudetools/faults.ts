import type { Scripted } from "../graph/faults.ts";

/** What can be made to happen in place of an honest answer. */
export type Fault =
  | { kind: "hang" }
  /** The connection is cut before an answer. */
  | { kind: "reset" }
  /** What Starlette answers when a route fails, or any other status with FastAPI's body. */
  | { kind: "status"; status: number; detail?: unknown; headers?: Record<string, string> }
  /** A proxy's page. */
  | { kind: "html"; status?: number }
  /** JSON without end: this many bytes, unless the caller hangs up. Default: 50 MB. */
  | { kind: "flood"; sizeBytes?: number }
  | { kind: "redirect"; location: string; status?: number }
  /** Says JSON, and breaks off. */
  | { kind: "half-json" }
  /** The work is done, and the answer is lost. */
  | { kind: "lost-answer" };

export type ScriptedFault = Scripted<Fault>;
