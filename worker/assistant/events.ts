import type { Totals } from "./totals.ts";

/** What becomes known while a question is worked on. Texts are plain; who shows them escapes them. */
export type AssistantEvent =
  /** The answer grew. Sent within the event that brought it. */
  | { kind: "text"; delta: string }
  /** What has been streamed so far is no part of the answer: the model turned to its tools, or the attempt failed. */
  | { kind: "text-reset" }
  | { kind: "tool-started"; id: string; name: string; target: string }
  /** What a long tool has to say meanwhile. */
  | { kind: "tool-progress"; id: string; text: string }
  | ToolEnded
  | CallRefused
  /** One request was billed. `totals` is the sum of the question so far. */
  | { kind: "usage"; totals: Totals }
  /** Something that whoever waits should know, in words. */
  | { kind: "note"; text: string };

interface ToolEnded {
  kind: "tool-ended";
  id: string;
  name: string;
  target: string;
  state: "ok" | "failed" | "stopped";
  /** Records found, if the tool counts. */
  count?: number;
  durationMs: number;
}

/**
 * A call that was not carried out. Belongs in the audit: a model that asks for what it was never offered is how an
 * injection shows.
 */
interface CallRefused {
  kind: "call-refused";
  id: string;
  name: string;
  reason:
    | "UNKNOWN_TOOL"
    | "NOT_PERMITTED"
    | "INPUT_INVALID"
    | "SECRET_IN_INPUT"
    | "TOO_MANY_CALLS"
    | "DECLINED"
    | "NOT_DECIDED"
    | "APPROVAL_CHANGED";
  /** What the model asked for: JSON, redacted, cut. */
  input: string;
}

/** Must not throw. */
export type Sink = (event: AssistantEvent) => void;
