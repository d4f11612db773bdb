import { quote } from "./finding.ts";
import type { Finding } from "./findings.ts";

type Evidence = Finding["evidence"][number];

/** Where a piece of evidence stands: the artifact and the JSON path in it. */
export function evidencePlace({ artifact, path }: Evidence): string {
  return `${artifact} ${path}`;
}

/** The fields of a piece of evidence in words, each value cut to `maxLength` characters. Plain: others wrote the values. */
export function evidenceFields({ fields }: Evidence, maxLength = 200): { name: string; value: string }[] {
  return Object.entries(fields).map(([name, value]) => ({ name, value: quote(inWords(value), maxLength) }));
}

function inWords(value: unknown): string {
  if (value === true) return "yes";
  if (value === null || value === undefined) return "none";
  if (Array.isArray(value)) return value.map(inWords).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A piece of evidence on one line. */
export function evidenceLine(evidence: Evidence): string {
  const fields = evidenceFields(evidence, 80).map(({ name, value }) => `${name}: ${value}`);
  return [evidencePlace(evidence), ...fields].join(" · ");
}
