import type { Method } from "../../src/claudetools/catalogue.ts";
import type { CallOutcome } from "../claudetools/call-claude-tools.ts";
import type { Report } from "../report.ts";

/** A call that ended without an answer, and without a question to a person. */
export type Unanswered = Exclude<CallOutcome, { kind: "answered" | "needs-confirmation" }>;

/** Why there is no answer. */
export function reportRefusal(
  outcome: Unanswered,
  { method, endpoint }: { method: Method; endpoint: string },
): Report {
  switch (outcome.kind) {
    case "refused":
      return report("Not allowed", sentence(outcome.reason));
    case "unchecked":
      return report("Not sent", outcome.reason);
    case "invalid":
      return report("Not sent", sentence(outcome.reason));
    case "failed":
      return report(`${method} ${endpoint} failed`, `${outcome.reason} Request ${outcome.requestId}.`);
  }
}

function report(title: string, lead: string): Report {
  return { outcome: "Failed", title, tone: "warning", lead, sections: [], files: [], buttons: [] };
}

const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`);
