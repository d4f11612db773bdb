import type { Method } from "../../src/claudetools/catalogue.ts";
import { isRecord, type JsonValue } from "../claudetools/json-value.ts";
import { moment } from "../moment.ts";
import { type Report, TRANSCRIPT_MAX } from "../report.ts";
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
  const { params, body } = partsOf(change);
  const isLong = [[`${method} ${path}`], params, body].some(isTooLong);
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
    ...(isLong && { transcript: wholeText(change) }),
    buttons: [
      { action: "query-send", caseId: approvalId, method },
      { action: "query-cancel", caseId: approvalId },
    ],
  };
}

/** Of more than this, the messages that bring all of it would leave out the middle. */
export function fitsMessages(change: ShownChange): boolean {
  return wholeText(change).length <= TRANSCRIPT_MAX;
}

function wholeText(change: ShownChange): string {
  const { params, body } = partsOf(change);
  return [`${change.method} ${change.path}`, "", "Params:", ...params, "", "Body:", ...body].join("\n");
}

function partsOf(change: ShownChange): { params: string[]; body: string[] } {
  const params = Object.entries(change.params).flatMap(([name, value]) => linesOf(value, nameText(name)));
  return { params, body: change.body === undefined ? ["none"] : linesOf(change.body) };
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

/** For a line, and for a field, of a message. */
function isTooLong(lines: readonly string[]): boolean {
  const lengths = lines.map(drawnLength);
  return (
    lengths.some((length) => length > 300) || lengths.reduce((sum, length) => sum + length + 1, 0) > 1024
  );
}

/** What a message needs at most: escaping makes two of a character, and five of a dot in the address of a link. */
function drawnLength(line: string): number {
  return 2 * line.length + (line.includes("://") ? 3 * (line.split(".").length - 1) : 0);
}

/** A line for each value, strings in quotation marks: "5" is not 5, and a blank at the end is seen. */
function linesOf(value: JsonValue, name = ""): string[] {
  const members = Array.isArray(value)
    ? value.map((item, index) => [`${name}[${index}]`, item] as const)
    : isRecord(value)
      ? Object.entries(value).map(([key, item]) => [join(name, nameText(key)), item] as const)
      : [];
  if (members.length > 0) return members.flatMap(([path, item]) => linesOf(item, path));
  return [name === "" ? quoted(value) : `${name}: ${quoted(value)}`];
}

const join = (name: string, key: string) => (name === "" ? key : `${name}.${key}`);

/** In quotation marks where it could be read as something else: `a.b` as `b` of `a`. */
const nameText = (name: string) => (/^[\w-]+$/.test(name) ? name : quoted(name));

/** JSON, in which every blank but the common one is seen, and what every font draws as it likes. */
function quoted(value: JsonValue): string {
  return JSON.stringify(value).replace(/(?! )[\p{Zs}\p{Co}]/gu, (character) => {
    return character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join("");
  });
}
