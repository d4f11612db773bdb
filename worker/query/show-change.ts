import type { ExactCall } from "../claudetools/exact-call.ts";
import { isRecord, type JsonValue } from "../claudetools/json-value.ts";
import { redactRecord, stripUnseen } from "../claudetools/redact-record.ts";
import type { ShownChange } from "./report-approval.ts";

/**
 * A change for the eyes of whoever is to say yes to it.
 * @param shown - Its path and body as they were redacted.
 * @returns `undefined` for what cannot be shown whole: nested too deeply, or with names that are one and the same to the eye.
 */
export function showChange(
  { method, target, body }: ExactCall,
  shown: { target: string; body: JsonValue | undefined; redactedCount: number },
): ShownChange | undefined {
  const sent: unknown = body === undefined ? undefined : JSON.parse(body);
  if (!isSameShape(sent, shown.body)) return undefined;

  const { searchParams } = new URL(target, "http://api.invalid");
  const given = Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => {
      const [value, ...more] = searchParams.getAll(name);
      return [name, more.length > 0 ? [value, ...more] : value];
    }),
  );
  const params = redactRecord(given);
  return {
    method,
    path: shown.target.replace(/\?.*$/s, ""),
    params: isRecord(params.value) ? params.value : {},
    body: shown.body,
    hiddenCount: shown.redactedCount + params.redactedCount,
    unseenCount: [...textsOf(sent), ...textsOf(given)].reduce(
      (sum, text) => sum + [...text].length - [...stripUnseen(text)].length,
      0,
    ),
  };
}

function membersOf(json: unknown): unknown[] {
  if (Array.isArray(json)) return json;
  return isRecord(json) ? Object.values(json) : [];
}

/** Redaction changes texts, and takes a value away only where it has to. */
function isSameShape(one: unknown, other: unknown): boolean {
  const [ones, others] = [membersOf(one), membersOf(other)];
  return ones.length === others.length && ones.every((member, index) => isSameShape(member, others[index]));
}

/** Names and values. */
function textsOf(json: unknown): string[] {
  if (typeof json === "string") return [json];
  const names = isRecord(json) ? Object.keys(json) : [];
  return [...names, ...membersOf(json).flatMap(textsOf)];
}
