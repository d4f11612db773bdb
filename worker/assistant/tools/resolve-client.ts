import * as z from "zod";
import { tenantsWithin } from "../../../src/claudetools/directory.ts";
import { AppError } from "../../../src/errors.ts";
import type { Directory } from "../../claudetools/directory-source.ts";
import { defineTool, type Tool } from "../tool.ts";
import { onRecord, type Scope } from "./scope.ts";

const NAME = "resolve_client";
const MATCHES_MAX = 10;

/** From a client's name to the tenant that the checks want, among those that the person may look at. */
export function resolveClient(scope: Scope, { directory }: { directory: Directory }): Tool {
  return defineTool({
    name: NAME,
    description:
      "Finds the Microsoft 365 tenant of a client by the client's name or a domain: client, domain and tenant id, at most 10. Use it before a check when only a name is known. If several fit, ask which one is meant.",
    input: z.object({ client: z.string().trim().min(2).max(100) }),
    access: "tech",
    parallel: true,
    target: ({ client }) => client,
    run: ({ client }, { signal }) =>
      onRecord(scope, { name: NAME, args: { client } }, signal, async () => {
        const all = await directory.current(signal);
        if (all.length === 0) {
          throw new AppError(
            "CLIENTS_UNKNOWN",
            "There is no list of clients from ClaudeTools now. Ask for the customer's domain or tenant id.",
          );
        }
        const { tenantIds } = scope.context.permission;
        const matches = tenantsWithin(tenantIds, all)
          .map(({ name, domain, tenantId, clientId }) => {
            return { client: name, domain, tenant_id: tenantId, client_id: clientId };
          })
          .filter((tenant) => mentions(Object.values(tenant).join("\n"), client));
        return {
          source: "clients of ClaudeTools",
          data: matches.slice(0, MATCHES_MAX),
          count: matches.length,
        };
      }),
  });
}

function mentions(text: string, words: string): boolean {
  const lower = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
