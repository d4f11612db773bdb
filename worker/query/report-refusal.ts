import type { QueryWork } from "../../src/jobs/contract.ts";
import type { CallOutcome } from "../claudetools/call-claude-tools.ts";
import type { Report } from "../report.ts";

/** Why there is no answer. */
export function reportRefusal(
  outcome: Exclude<CallOutcome, { kind: "answered" }>,
  { method, endpoint }: QueryWork,
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
    case "needs-confirmation": {
      const { target, body } = outcome;
      const lines = body === undefined ? [] : JSON.stringify(body, undefined, 1).split("\n");
      return {
        ...report(
          "Not sent: this would change something",
          "A change needs somebody's approval of exactly this call, and this release has no approvals yet. Make the change in ClaudeTools itself.",
        ),
        sections: [
          { heading: "What would be called", lines: [`${outcome.method} ${target}`] },
          ...(lines.length > 0 ? [{ heading: "With this body", lines }] : []),
        ],
      };
    }
  }
}

function report(title: string, lead: string): Report {
  return { outcome: "Failed", title, tone: "warning", lead, sections: [], files: [], buttons: [] };
}

const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`);
