import { z } from "zod";
import { text, time } from "../lenient.ts";
import type { EvidenceRecord, Source } from "../recognise.ts";

/** Something that was done in the directory, and by whom. */
export interface DirectoryChange {
  id: string;
  /** Milliseconds since 1970. */
  at: number | undefined;
  activity: string;
  succeeded: boolean;
  /** `undefined`: an app did it, or nobody is named. */
  user: Actor | undefined;
  app: string | undefined;
  targets: { id: string | undefined; type: string | undefined; name: string | undefined }[];
  /** New values by property, without the quotation marks that Entra writes around them. */
  changed: ReadonlyMap<string, string>;
  details: ReadonlyMap<string, string>;
  source: Source;
}

interface Actor {
  id: string | undefined;
  upn: string;
  ip: string | undefined;
}

const list = <T extends z.ZodType>(element: T) => z.array(element).catch([]);

/** @see https://learn.microsoft.com/en-us/graph/api/resources/directoryaudit */
const GraphAudit = z.object({
  id: text,
  activityDateTime: time,
  activityDisplayName: text,
  result: text,
  initiatedBy: z
    .object({
      user: z.object({ id: text, userPrincipalName: text, ipAddress: text }).optional().catch(undefined),
      app: z.object({ displayName: text }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  targetResources: list(
    z.object({
      id: text,
      type: text,
      displayName: text,
      userPrincipalName: text,
      modifiedProperties: list(z.object({ displayName: text, newValue: text })),
    }),
  ),
  additionalDetails: list(z.object({ key: text, value: text })),
});

export function toDirectoryChange({ value, source }: EvidenceRecord): DirectoryChange {
  const raw = GraphAudit.parse(value);
  const { user, app } = raw.initiatedBy ?? {};
  const upn = user?.userPrincipalName ?? user?.id;
  const properties = raw.targetResources.flatMap(({ modifiedProperties }) => modifiedProperties);
  return {
    id: raw.id ?? `${source.artifact} ${source.path}`,
    at: raw.activityDateTime,
    activity: raw.activityDisplayName?.trim() ?? "",
    // Entra leaves it out of some; a failure it names.
    succeeded: raw.result?.toLowerCase() !== "failure",
    user: upn ? { id: user?.id, upn: upn.toLowerCase(), ip: user?.ipAddress || undefined } : undefined,
    app: app?.displayName || undefined,
    targets: raw.targetResources.map(({ id, type, displayName, userPrincipalName }) => ({
      id,
      type,
      name: userPrincipalName || displayName || undefined,
    })),
    changed: pairs(
      properties.map(({ displayName, newValue }) => [displayName, newValue && unquoted(newValue)]),
    ),
    details: pairs(raw.additionalDetails.map(({ key, value: detail }) => [key, detail])),
    source,
  };
}

function pairs(entries: [string | undefined, string | undefined][]): Map<string, string> {
  return new Map(
    entries.flatMap(([key, value]) => (key === undefined || value === undefined ? [] : [[key, value]])),
  );
}

/** Values are JSON in a string: `"\"True\""`. */
function unquoted(value: string): string {
  return value.replace(/^"(.*)"$/s, "$1").trim();
}
