import { findTenants, type KnownTenant, tenantsNamed } from "../../src/claudetools/directory.ts";
import { AppError } from "../../src/errors.ts";
import { Domain, Guid } from "../../src/tenant.ts";
import type { Directory } from "../claudetools/directory-source.ts";
import type { Allowed } from "./handler.ts";
import type { Investigate } from "./investigation.ts";
import { reportTenants } from "./report-tenants.ts";

/**
 * The same investigation for a tenant that is given by its client's name. What runs gets a tenant id and never the name; where
 * the name does not say which, the person is asked, and their choice starts the job anew.
 */
export function findTenantFirst(
  investigate: Investigate,
  { directory }: { directory: Directory },
): Investigate {
  return async function findAndInvestigate(subject, context) {
    const { tenant } = subject;
    if (isExact(tenant)) {
      // A domain goes to the toolkit as it was typed: Microsoft knows better than a database whose it is. And a check
      // that needs nothing of ClaudeTools does not wait for it.
      const known = (await directory.kept()).find(({ tenantId }) => tenantId === tenant);
      return investigate({ ...subject, ...(known && { known }) }, context);
    }
    const tenants = await directory.current(context.signal);
    const named = tenantsNamed(tenant, tenants);
    const [only, ...others] = named;
    if (only !== undefined && others.length === 0) {
      return investigate({ ...subject, tenant: only.tenantId, known: only }, context);
    }
    const matching = tenantsCalled(tenant, tenants, context.permission);
    if (matching.length === 0) throw nobodyCalled(tenant, tenants);
    return reportTenants(matching, { caseId: context.job.id, typed: tenant, page: 0 });
  };
}

const isExact = (tenant: string) => Guid.safeParse(tenant).success || Domain.safeParse(tenant).success;

/** Those that a name may have meant, as far as this person may look at them. */
export function tenantsCalled(
  name: string,
  tenants: readonly KnownTenant[],
  { tenantIds }: Pick<Allowed, "tenantIds">,
): KnownTenant[] {
  const named = tenantsNamed(name, tenants);
  const matching = named.length > 0 ? named : findTenants(name, tenants);
  return matching.filter(({ tenantId }) => tenantIds === undefined || tenantIds.includes(tenantId));
}

function nobodyCalled(name: string, tenants: readonly KnownTenant[]): AppError {
  if (tenants.length === 0) {
    return new AppError(
      "TENANT_NAME_UNKNOWN",
      `The bot has no list of clients from ClaudeTools now, so it cannot tell whose "${name}" is. Use the customer's domain or tenant id.`,
    );
  }
  const words = name.split(/\s+/).filter((word) => word.length > 2);
  const near = [...new Set(words.flatMap((word) => findTenants(word, tenants)))].slice(0, 3);
  const hint = near.length === 0 ? "" : ` Did you mean ${near.map(({ name }) => name).join(" or ")}?`;
  return new AppError(
    "TENANT_NAME_UNKNOWN",
    `No client in ClaudeTools is called "${name}".${hint} Choose one from the list while you type, or use the customer's domain or tenant id.`,
  );
}
