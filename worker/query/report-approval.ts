import type { Method } from "../../src/claudetools/catalogue.ts";
import { isRecord, type JsonValue } from "../claudetools/json-value.ts";
import { moment } from "../moment.ts";
import type { Report } from "../report.ts";
import { counted } from "./cell.ts";

/** A call as it would be sent, redacted. */
export interface ShownChange {
  method: Method;
  /** Without the query. */
  path: string;
  params: Readonly<Record<string, JsonValue>>;
  /** `undefined`: none. */
  body: JsonValue | undefined;
  /** Values that look like secrets: they are sent, and not shown. */
  hiddenCount: number;
  /** Characters that can't be seen: they are sent, and not shown. */
  unseenCount: number;
}

interface ApprovalContext {
  approvalId: string;
  /** What the API says that it does, and to whom. */
  about: readonly string[];
  /** The record that it is done to. */
  recordNow: readonly string[];
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Asks whether exactly this is to be sent. */
export function reportApproval(change: ShownChange, context: ApprovalContext): Report {
  const { method, path } = change;
  const { approvalId, about, recordNow, expiresAt } = context;
  const params = Object.entries(change.params).flatMap(([name, value]) => linesOf(value, name));
  const body = change.body === undefined ? ["none"] : linesOf(change.body);
  const isLong = [[path], params, body].some(isTooLong);
  const whole = [`${method} ${path}`, "", "Params:", ...params, "", "Body:", ...body].join("\n");
  return {
    outcome: "Done",
    title: `Send this to ClaudeTools? ${method} ${path}`,
    tone: "warning",
    lead: [
      `Nothing was sent yet. "Send ${method}" sends exactly this, once and in your name. It can be pressed until ${moment(expiresAt)}.`,
      ...notesOf(change),
      ...(isLong ? ["It is too long for this message: all of it is in the next one. Read that first."] : []),
    ].join(" "),
    sections: [
      { heading: "What it does", lines: [...about] },
      { heading: "The record as it is now", lines: [...recordNow] },
      { heading: "Call", lines: [`${method} ${path}`] },
      { heading: "Params", lines: params },
      { heading: "Body", lines: body },
    ].filter(({ lines }) => lines.length > 0),
    files: [],
    ...(isLong && { transcript: whole }),
    buttons: [
      { action: "query-send", caseId: approvalId, method },
      { action: "query-cancel", caseId: approvalId },
    ],
  };
}

function notesOf({ hiddenCount, unseenCount }: ShownChange): string[] {
  return [
    ...(hiddenCount > 0
      ? [`Hidden here, and sent as typed: ${counted(hiddenCount, "value")} that look like secrets.`]
      : []),
    ...(unseenCount > 0
      ? [`Left out here, and sent all the same: ${counted(unseenCount, "character")} that cannot be seen.`]
      : []),
  ];
}

/** Half of what a field of a message holds, since escaping makes text up to twice as long. */
function isTooLong(lines: readonly string[]): boolean {
  return lines.some((line) => line.length > 150) || lines.join("\n").length > 500;
}

/** A line for each value, strings in quotation marks: "5" is not 5, and a blank at the end is seen. */
function linesOf(value: JsonValue, name = ""): string[] {
  const members = Array.isArray(value)
    ? value.map((item, index) => [`${name}[${index}]`, item] as const)
    : isRecord(value)
      ? Object.entries(value).map(([key, item]) => [name === "" ? key : `${name}.${key}`, item] as const)
      : [];
  if (members.length > 0) return members.flatMap(([path, item]) => linesOf(item, path));
  const text = JSON.stringify(value);
  return [name === "" ? text : `${name}: ${text}`];
}
