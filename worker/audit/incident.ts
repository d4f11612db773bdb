import type { RecordedAct } from "./act.ts";
import { type AuditRecord, Entry } from "./record.ts";

/** What `POST /api/security-incidents` gets. */
export interface Incident {
  title: string;
  description: string;
  severity: "info" | "low" | "medium" | "high" | "critical";
  /** ISO 8601. */
  occurred_at: string;
  source: "msp-discord-bot";
  /** `<chain>:<seq>`: one for each record there will ever be. */
  external_id: string;
  /** `discord:<user id>`, or the bot itself. */
  reported_by: string;
  /** The whole record with its hash, so that the two copies can be held against each other. */
  details: AuditRecord;
}

/** How an audit record reads as an incident. */
export function toIncident(record: AuditRecord): Incident {
  const { title, severity, act } = summarise(record);
  return {
    title: title.slice(0, 200),
    description: `${title}. Audit record ${record.seq} of chain ${record.chain}.`,
    severity,
    occurred_at: record.time,
    source: "msp-discord-bot",
    external_id: `${record.chain}:${record.seq}`,
    reported_by: act === undefined ? "msp-discord-bot" : `discord:${act.actor.userId}`,
    details: record,
  };
}

export interface Summary {
  /** One line. */
  title: string;
  severity: Incident["severity"];
  act?: RecordedAct;
}

/** A record of another release may be of a kind that is not known here; it is still told and delivered. */
export function summarise({ entry }: AuditRecord): Summary {
  const known = Entry.safeParse(entry).data;
  if (known === undefined) return { title: `Audit record of kind ${entry.kind}`, severity: "info" };
  switch (known.kind) {
    case "attempt":
      return { title: `ATTEMPT ${describe(known.act)}`, severity: "info", act: known.act };
    case "outcome": {
      const code = known.code === undefined ? "" : ` (${known.code})`;
      const title = `${known.result} ${describe(known.act)}${code}`;
      const isQuiet = known.result === "SUCCESS" || known.act.effect === "read";
      return { title, severity: isQuiet ? "info" : "medium", act: known.act };
    }
    case "refusal":
      return { title: `REFUSED ${describe(known.act)} (${known.code})`, severity: "medium", act: known.act };
    case "opened":
      return { title: `Audit log opened on ${known.host} by process ${known.pid}`, severity: "info" };
    case "torn-end":
      return {
        title: `Unfinished end of the audit log set aside (${known.files.length} files)`,
        severity: "low",
      };
    case "broken-chain":
      return { title: `Audit log ${known.folder} is broken: ${known.problem}`, severity: "critical" };
  }
}

function describe({ kind, name, target }: RecordedAct): string {
  const parts = [target.tenant ?? target.tenantId, target.upn, target.endpoint, target.caseId];
  const about = parts.filter((part) => part !== undefined).join(" ");
  return about === "" ? `${kind} ${name}` : `${kind} ${name}: ${about}`;
}
