import { notShown } from "../endings.ts";
import { moment } from "../moment.ts";
import type { Report } from "../report.ts";
import type { Decision, PendingCall } from "./approvals.ts";
import type { Unanswered } from "./report-refusal.ts";

type Line = Pick<Decision, "line">;

/** The clicked message is settled: its buttons go. */
function settled(report: Pick<Report, "outcome" | "title" | "tone" | "lead">, lines: string[] = []): Report {
  return {
    ...report,
    sections: lines.length > 0 ? [{ heading: "Look it up", lines }] : [],
    files: [],
    buttons: [],
    settles: true,
  };
}

/** Stands before the API's answer. */
export function sentBy({ requesterId, at, requestId }: Decision): string {
  return `Sent by Discord user ${requesterId} on ${moment(at)}, request ${requestId}.`;
}

/** Nothing was changed, for certain. */
function reportNotDone(decision: Decision, reason: string): Report {
  const lead = `${reason} ${sentBy(decision)}`;
  return settled({ outcome: "Failed", title: `Not done: ${decision.line}`, tone: "warning", lead });
}

/** @param why - What is known, as sentences. */
export function reportUnknown(decision: Decision, why: string): Report {
  const [method = ""] = decision.line.split(" ");
  return settled(
    {
      outcome: "Interrupted",
      title: `Not known whether it was done: ${decision.line}`,
      tone: "critical",
      lead: `${why} It is not sent again by itself. Look it up before you do it again. ${sentBy(decision)}`,
    },
    [decision.lookUp, TELLS[method] ?? "There you see whether it was done."],
  );
}

const TELLS: Readonly<Record<string, string>> = {
  POST: "If the new record stands there, it was done.",
  PUT: "If the record holds the new values, it was done.",
  PATCH: "If the record holds the new values, it was done.",
  DELETE: "If nothing is there any more (404), it was done.",
};

/** Somebody said yes, and then it was not sent. */
export function reportUnsent({ line }: Line, why: string): Report {
  const lead = `Nothing was sent. ${why}`;
  return settled({ outcome: "Failed", title: `Not sent: ${line}`, tone: "warning", lead });
}

export function reportCancelled({ line }: Line): Report {
  return settled({
    outcome: "Done",
    title: `Cancelled: ${line}`,
    tone: "neutral",
    lead: "Nothing was sent.",
  });
}

export function reportExpired({ line, expiresAt }: PendingCall): Report {
  const lead = `Nothing was sent: it could be sent until ${moment(expiresAt)}. Use /query again, and look at it again.`;
  return settled({ outcome: "Expired", title: `Too late: ${line}`, tone: "neutral", lead });
}

/** Neither the call nor a decision about it is kept. */
export function reportForgotten(): Report {
  const lead =
    'Nothing is sent now: that call was to be decided within ten minutes, and is not kept any longer. If "Send" was pressed, look the record up before you do it again. Use /query again.';
  return settled({ outcome: "Expired", title: "Too late", tone: "neutral", lead });
}

/** A second click. It is told beside the message, which shows what came of the first. */
export function reportDecided({ answer, at, lookUp }: Decision): Report {
  const lead =
    answer === "cancel"
      ? `That was cancelled on ${moment(at)}. Nothing was sent.`
      : `"Send" was pressed on ${moment(at)}, and a call is sent once. What came of it is in the message with the button; if it is not, look it up: ${lookUp}`;
  return { ...notShown(lead), title: "Already decided" };
}

/** What the person may not do now, though it was shown to them. The buttons stay: it may be allowed again. */
export function reportNotNow(reason: string): Report {
  return { ...notShown(reason), title: "Not sent", tone: "warning" };
}

/** The words of a call that was sent and not answered well. */
export function reportFailed(decision: Decision, outcome: Extract<Unanswered, { kind: "failed" }>): Report {
  return outcome.changed === "nothing"
    ? reportNotDone(decision, outcome.reason)
    : reportUnknown(decision, outcome.reason);
}
