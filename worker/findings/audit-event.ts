import { z } from "zod";
import { type Act, actOf } from "./indicators/audit-activities.ts";
import { text, time } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";

/** Something that was done in the directory or in Exchange, the same whichever log told of it. */
export interface AuditEvent {
  id: string;
  at: number | undefined;
  /** In the log's own words, such as "Add member to role". */
  activity: string;
  /** In ours; `undefined` for what no rule asks about. */
  act: Act | undefined;
  succeeded: boolean;
  /** Who did it; all `undefined` for Microsoft's own services. */
  actor: { id: string | undefined; upn: string | undefined; ip: string | undefined; app: string | undefined };
  targets: { id: string | undefined; upn: string | undefined; name: string | undefined }[];
  /** New values of what was changed, and further details, by their names in the log; attackers write some of them. */
  details: ReadonlyMap<string, string>;
  source: Source;
}

const pairs = z
  .array(z.object({ key: text, value: text }))
  .catch([])
  .transform((list) => list.map(({ key, value }): [string, string] => [key ?? "", value ?? ""]));

const target = z.object({
  id: text,
  displayName: text,
  userPrincipalName: text,
  modifiedProperties: z.array(z.object({ displayName: text, newValue: text })).catch([]),
});

/** @see https://learn.microsoft.com/en-us/graph/api/resources/directoryaudit */
const DirectoryAudit = z.object({
  id: text,
  activityDateTime: time,
  activityDisplayName: text,
  result: text,
  resultReason: text,
  initiatedBy: z
    .object({
      user: z.object({ id: text, userPrincipalName: text, ipAddress: text }).nullish().catch(undefined),
      app: z.object({ displayName: text }).nullish().catch(undefined),
    })
    .optional()
    .catch(undefined),
  targetResources: z.array(target).catch([]),
  additionalDetails: pairs,
});

export function toAuditEvent(record: EvidenceRecord): AuditEvent {
  return record.kind === "unifiedAudit" ? fromUnified(record) : fromDirectory(record);
}

function fromDirectory({ value, source }: EvidenceRecord): AuditEvent {
  const audit = DirectoryAudit.parse(value);
  const { user, app } = audit.initiatedBy ?? {};
  const activity = audit.activityDisplayName ?? "";
  const reason = audit.resultReason ?? "";
  return {
    id: audit.id ?? `${source.artifact} ${source.path}`,
    at: audit.activityDateTime,
    activity,
    act: actOf(activity, reason),
    succeeded: audit.result?.toLowerCase() !== "failure",
    actor: {
      id: user?.id,
      upn: user?.userPrincipalName,
      ip: user?.ipAddress || undefined,
      app: app?.displayName,
    },
    targets: audit.targetResources.map(({ id, userPrincipalName: upn, displayName: name }) => ({
      id,
      upn,
      name,
    })),
    details: new Map([
      ["resultReason", reason],
      ...audit.additionalDetails,
      ...audit.targetResources.flatMap(({ modifiedProperties }) =>
        modifiedProperties.map(({ displayName, newValue }): [string, string] => [
          displayName ?? "",
          unquoted(newValue ?? ""),
        ]),
      ),
    ]),
    source,
  };
}

/** Entra writes new values as JSON: "\"Global Administrator\"". */
function unquoted(value: string): string {
  return /^"(.*)"$/s.exec(value)?.[1] ?? value;
}

/** The outer record of Search-UnifiedAuditLog and of Graph's query; `auditData` is JSON in a string in the former. */
const Outer = z.object({
  auditData: z.unknown().optional(),
  operations: text,
  operation: text,
  userIds: text,
});

const named = z
  .array(z.object({ Name: text, Value: z.unknown().optional(), NewValue: z.unknown().optional() }))
  .catch([])
  .transform((list) =>
    list.map(({ Name, Value, NewValue }): [string, string] => [
      Name ?? "",
      unquoted(inWords(NewValue ?? Value)),
    ]),
  );

/** @see https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema */
const AuditData = z.object({
  Id: text,
  CreationTime: text,
  Operation: text,
  ResultStatus: text,
  UserId: text,
  UserKey: text,
  ClientIP: text,
  ClientIPAddress: text,
  ActorIpAddress: text,
  ObjectId: text,
  Target: z.array(z.object({ ID: text })).catch([]),
  Parameters: named,
  OperationProperties: named,
  ModifiedProperties: named,
});

function fromUnified({ value, source }: EvidenceRecord): AuditEvent {
  const outer = Outer.parse(value);
  const data = LenientAuditData.parse(inSpellingOfLog(parsed(outer.auditData ?? value)));
  const activity = data.Operation ?? outer.operation ?? outer.operations ?? "";
  const ip = data.ClientIP ?? data.ClientIPAddress ?? data.ActorIpAddress;
  return {
    id: data.Id ?? `${source.artifact} ${source.path}`,
    // The log's times are UTC and don't say so.
    at: time.parse(data.CreationTime?.replace(/(\d)$/, "$1Z")),
    activity,
    act: actOf(activity, ""),
    succeeded: !/^(false|fail)/i.test(data.ResultStatus ?? ""),
    actor: { id: undefined, upn: data.UserId ?? outer.userIds, ip: address(ip), app: undefined },
    targets: [data.ObjectId, ...data.Target.map(({ ID }) => ID)].flatMap((name) =>
      name === undefined ? [] : [targetOf(name)],
    ),
    details: new Map([...data.Parameters, ...data.OperationProperties, ...data.ModifiedProperties]),
    source,
  };
}
const LenientAuditData = AuditData.catch(AuditData.parse({}));

/** The log gives ids, sign-in names and names of apps in one place. */
function targetOf(name: string): AuditEvent["targets"][number] {
  return name.includes("@") ? { id: undefined, upn: name, name } : { id: name, upn: undefined, name };
}

function parsed(data: unknown): unknown {
  if (typeof data !== "string") return data;
  try {
    return JSON.parse(data);
  } catch {
    // A cut string: the outer record still says what was done and by whom.
    return {};
  }
}

/** Keys as the log itself writes them, for a record whose first letters `recognise` made small. */
function inSpellingOfLog(data: unknown): unknown {
  const object = z.record(z.string(), z.unknown()).safeParse(data).data;
  if (object === undefined) return {};
  const capital = (key: string) => key.charAt(0).toUpperCase() + key.slice(1);
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      capital(key),
      Array.isArray(value) ? value.map((element) => capitalsOf(element, capital)) : value,
    ]),
  );
}

function capitalsOf(element: unknown, capital: (key: string) => string): unknown {
  const object = z.record(z.string(), z.unknown()).safeParse(element).data;
  return object === undefined
    ? element
    : Object.fromEntries(Object.entries(object).map(([key, value]) => [capital(key), value]));
}

function inWords(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

/** Exchange writes addresses with a port: "198.51.100.7:51234", "[2001:db8::1]:51234". */
function address(ip: string | undefined): string | undefined {
  return (/^\[(.+)\]/.exec(ip ?? "")?.[1] ?? ip?.replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1")) || undefined;
}
