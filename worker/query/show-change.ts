import type { CallOutcome } from "../claudetools/call-claude-tools.ts";
import { paramsOf } from "../claudetools/exact-call.ts";
import { isRecord } from "../claudetools/json-value.ts";
import { stripUnseen } from "../claudetools/redact-record.ts";
import type { ShownChange } from "./report-approval.ts";

type Question = Extract<CallOutcome, { kind: "needs-confirmation" }>;

/**
 * A change for the eyes of whoever is to say yes to it. `undefined` for what cannot be shown whole: nested too deeply, or
 * with names that are one and the same to the eye.
 */
export function showChange({
  method,
  target,
  exact,
  params,
  body,
  redactedCount,
}: Question): ShownChange | undefined {
  const sentParams = paramsOf(exact);
  const sentBody: unknown = exact.body === undefined ? undefined : JSON.parse(exact.body);
  if (!isSameShape(sentBody, body) || !isSameShape(sentParams, params)) return undefined;

  const path = target.replace(/\?.*$/s, "");
  const isPathHidden = path !== exact.target.replace(/\?.*$/s, "");
  return {
    ...{ method, path, body },
    params: isRecord(params) ? params : {},
    hiddenCount: redactedCount + (isPathHidden ? 1 : 0),
    unseenCount: [...textsOf(sentBody), ...textsOf(sentParams)].reduce(
      (sum, text) => sum + [...text].length - [...stripUnseen(text)].length,
      0,
    ),
  };
}

function membersOf(json: unknown): unknown[] {
  if (Array.isArray(json)) return json;
  return isRecord(json) ? Object.values(json) : [];
}

const isHolder = (json: unknown) => Array.isArray(json) || isRecord(json);

/** Redaction changes texts, and takes a value away only where it has to. */
function isSameShape(one: unknown, other: unknown): boolean {
  if (isHolder(one) !== isHolder(other)) return false;
  const [ones, others] = [membersOf(one), membersOf(other)];
  return ones.length === others.length && ones.every((member, index) => isSameShape(member, others[index]));
}

/** Names and values. */
function textsOf(json: unknown): string[] {
  if (typeof json === "string") return [json];
  const names = isRecord(json) ? Object.keys(json) : [];
  return [...names, ...membersOf(json).flatMap(textsOf)];
}
