import * as z from "zod";
import { AppError } from "../../../src/errors.ts";
import type { ClaudeTools } from "../../claudetools/create-claude-tools.ts";
import { isRecord } from "../../claudetools/json-value.ts";
import { defineTool, type Tool } from "../tool.ts";
import { onRecord, type Scope } from "./scope.ts";

const NAME = "resolve_client";
const ENDPOINT = "/api/m365-tenants";
const PAGE = 200;
const MATCHES_MAX = 10;

/** From a client's name to the tenant that the checks want. */
export function resolveClient(scope: Scope, { call }: Pick<ClaudeTools, "call">): Tool {
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
        const outcome = await call({
          ...{ method: "GET", endpoint: ENDPOINT, params: { limit: PAGE } },
          ...{
            level: scope.level,
            requestedBy: scope.context.job.interaction.userId,
            confirmed: false,
            signal,
          },
        });
        if (outcome.kind === "needs-confirmation") throw new Error("A GET that asks for a confirmation.");
        if (outcome.kind !== "answered") throw new AppError(outcome.code, outcome.reason);
        const { tenantIds } = scope.context.permission;
        const matches = recordsOf(outcome.body).filter(
          (record) => mentions(record, client) && isWithin(record, tenantIds),
        );
        const data = matches.slice(0, MATCHES_MAX);
        return { source: `claudetools_api ${ENDPOINT}`, data, count: matches.length };
      }),
  });
}

function recordsOf(body: unknown): Record<string, unknown>[] {
  const list = Array.isArray(body)
    ? body
    : isRecord(body)
      ? Object.values(body).find(Array.isArray)
      : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** Of somebody who is limited to some tenants, the others are not even named. */
function isWithin(record: Record<string, unknown>, tenantIds: readonly string[] | undefined): boolean {
  if (tenantIds === undefined) return true;
  return tenantIds.some((id) => Object.values(record).some((field) => String(field).toLowerCase() === id));
}

function mentions(record: Record<string, unknown>, words: string): boolean {
  const text = Object.values(record)
    .filter((field) => typeof field === "string")
    .join("\n")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
