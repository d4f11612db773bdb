import {
  findTenants,
  type KnownTenant,
  tenantsNamed,
  tenantsWithin,
} from "../../src/claudetools/directory.ts";
import { AppError } from "../../src/errors.ts";
import { Domain, Guid } from "../../src/tenant.ts";
import type { Directory } from "../claudetools/directory-source.ts";
import type { Investigate } from "./investigation.ts";
import { reportTenants } from "./report-tenants.ts";

/**
 * The same investigation for a tenant that is given by its client's name. What runs gets a tenant id and never the name; where
 * the name does not say which, the person is asked, and their choice starts the job anew. Nobody is told of a tenant that
 * they may not look at.
 */
export function findTenantFirst(
  investigate: Investigate,
  { directory }: { directory: Directory },
): Investigate {
  return async function findAndInvestigate(subject, context) {
    const { tenant } = subject;
    const { tenantIds } = context.permission;
    if (isExact(tenant)) {
      // A domain goes to the toolkit as it was typed: Microsoft knows better than a database whose it is. And a check
      // that needs nothing of ClaudeTools does not wait for it.
      const known = tenantsWithin(tenantIds, await directory.kept()).find(
        ({ tenantId }) => tenantId === tenant,
      );
      return investigate({ ...subject, ...(known && { known }) }, context);
    }
    const all = await directory.current(context.signal);
    if (all.length === 0) throw noList(tenant);
    const tenants = tenantsWithin(tenantIds, all);
    const named = tenantsNamed(tenant, tenants);
    const [only, ...others] = named;
    if (only !== undefined && others.length === 0) {
      return investigate({ ...subject, tenant: only.tenantId, known: only }, context);
    }
    const matching = tenantsCalled(tenant, tenants);
    if (matching.length === 0) throw nobodyCalled(tenant, { tenants, isLimited: tenantIds !== undefined });
    return reportTenants(matching, { caseId: context.job.id, typed: tenant, page: 0 });
  };
}

const isExact = (tenant: string) => Guid.safeParse(tenant).success || Domain.safeParse(tenant).success;

/** Those that a name may have meant. */
export function tenantsCalled(name: string, tenants: readonly KnownTenant[]): KnownTenant[] {
  const named = tenantsNamed(name, tenants);
  return named.length > 0 ? named : findTenants(name, tenants);
}

function noList(name: string): AppError {
  return new AppError(
    "TENANT_NAME_UNKNOWN",
    `The bot has no list of clients from ClaudeTools now, so it cannot tell whose "${name}" is. Use the customer's domain or tenant id.`,
  );
}

function nobodyCalled(
  name: string,
  { tenants, isLimited }: { tenants: readonly KnownTenant[]; isLimited: boolean },
): AppError {
  const words = name.split(/\s+/).filter((word) => word.length > 2);
  const near = [...new Set(words.flatMap((word) => findTenants(word, tenants)))].slice(0, 3);
  const hint = near.length === 0 ? "" : ` Did you mean ${near.map(({ name }) => name).join(" or ")}?`;
  const among = isLimited ? " that your role lets you look at" : "";
  return new AppError(
    "TENANT_NAME_UNKNOWN",
    `No client in ClaudeTools${among} is called "${name}".${hint} Choose one from the list while you type, or use the customer's domain or tenant id.`,
  );
}
