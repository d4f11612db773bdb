import { type KnownTenant, labelOf } from "../../src/claudetools/directory.ts";
import type { Report } from "../report.ts";

/** @see https://discord.com/developers/docs/components/reference#string-select */
const OPTIONS_MAX = 25;

/** "Which one?": the tenants that a name may have meant, a page at a time. The choice starts the case with that tenant. */
export function reportTenants(
  tenants: readonly KnownTenant[],
  { caseId, typed, page }: { caseId: string; typed: string; page: number },
): Report {
  const from = page * OPTIONS_MAX;
  const shown = tenants.slice(from, from + OPTIONS_MAX);
  const end = from + shown.length;
  const turn = (to: number, label: "Previous" | "Next") => ({
    ...{ action: "tenant-page" as const, caseId, page: to, label },
  });
  const range = shown.length === tenants.length ? "" : ` Shown are ${from + 1} to ${end}.`;
  const count = tenants.length === 1 ? "One client's name holds" : `${tenants.length} clients fit`;
  return {
    outcome: "Done",
    title: `Which tenant is "${typed}"?`,
    tone: "neutral",
    lead: `${count} "${typed}", so nothing was started. Choose one to start.${range}`,
    sections: [],
    files: [],
    buttons: [
      ...(page > 0 ? [turn(page - 1, "Previous")] : []),
      ...(end < tenants.length ? [turn(page + 1, "Next")] : []),
    ],
    ...(shown.length > 0 && {
      choices: {
        action: "tenant" as const,
        caseId,
        prompt: "Choose the tenant",
        options: shown.map((tenant) => ({
          label: labelOf(tenant),
          description: tenant.tenantId,
          value: tenant.tenantId,
        })),
      },
    }),
  };
}
