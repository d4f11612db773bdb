import type { Catalogue } from "../../src/claudetools/catalogue.ts";
import type { ExactCall } from "../claudetools/exact-call.ts";
import { findEndpoint } from "../claudetools/find-endpoint.ts";
import { isRecord } from "../claudetools/json-value.ts";

/** The GET that shows what a change did: of the record itself, or of the list that it stands in. */
export function findLookUp(
  { target, body }: ExactCall,
  catalogue: Catalogue | undefined,
): { path: string; params: string | undefined } {
  const segments = new URL(target, "http://api.invalid").pathname.split("/").filter((part) => part !== "");
  for (let length = segments.length; length >= 2; length--) {
    const path = `/${segments.slice(0, length).join("/")}`;
    const found = catalogue && findEndpoint(catalogue, { method: "GET", path });
    if (found === undefined) continue;
    const takesClient = found.endpoint.parameters.some(({ in: place, name }) => {
      return place === "query" && name === "client_id";
    });
    const clientId = takesClient ? clientOf(body) : undefined;
    return { path, params: clientId === undefined ? undefined : `client_id=${clientId}` };
  }
  return { path: `/${segments.slice(0, 2).join("/")}`, params: undefined };
}

function clientOf(body: string | undefined): string | undefined {
  const json: unknown = body === undefined ? undefined : JSON.parse(body);
  const id = isRecord(json) ? String(json.client_id) : "";
  return /^\d{1,15}$/.test(id) ? id : undefined;
}

/** As it is typed in Discord. */
export function lookUpCommand({ path, params }: ReturnType<typeof findLookUp>): string {
  return `/query endpoint:${path}${params === undefined ? "" : ` params:${params}`}`;
}
