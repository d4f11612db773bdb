import type { Level } from "../../src/access.ts";
import type { Catalogue, Method } from "../../src/claudetools/catalogue.ts";
import { nearestEndpoints } from "../../src/claudetools/rank-endpoints.ts";
import type { AppError } from "../../src/errors.ts";
import type { CatalogueSource, CatalogueState } from "./catalogue-source.ts";
import { concretePath, findEndpoint } from "./find-endpoint.ts";
import { type Params, parseBody, parseParams } from "./parse-input.ts";
import { checkRoute, SEGMENT } from "./route-policy.ts";
import type { RouteRule } from "./routes.ts";
import { bodyFieldsOf, type FieldProblem, validateCall } from "./validate-call.ts";

export interface CallRequest {
  method: Method;
  /** `/api/clients/7`, or as the catalogue has it, `/api/clients/{client_id}`, with `client_id` among the params. */
  endpoint: string;
  /** A query string or a JSON object. */
  params?: string | Readonly<Record<string, unknown>> | undefined;
  /** JSON as text, or already parsed. */
  body?: unknown;
  /** Of whoever asks. */
  level: Level;
  signal: AbortSignal;
}

/** Fit to be sent. */
export interface PreparedCall {
  kind: "prepared";
  method: Method;
  url: URL;
  body: { json: unknown } | undefined;
  rule: RouteRule;
  /** Held against the API's own description, an old copy of it at least. */
  isDescribed: boolean;
  /** What the description says that the API reads in a body. */
  bodyFields: readonly string[];
  /** Why it could not be checked against the API's description, or only against an old one. */
  caveat: string | undefined;
}

/** Why it is not sent; every `reason` is for whoever asked and may be shown as it is (after escaping). */
export type CallRefusal =
  /** By the route policy. */
  | { kind: "refused"; code: string; reason: string; suggestions: string[] }
  /** The call is wrong in itself. */
  | { kind: "invalid"; code: string; reason: string; problems: FieldProblem[]; suggestions: string[] }
  /** A change that cannot be checked, because the API's description is not to be had. */
  | { kind: "unchecked"; code: string; reason: string };

type Invalid = Extract<CallRefusal, { kind: "invalid" }>;

/**
 * A call as it was typed, looked at by the route policy first, and then held against the API's own description.
 * @throws only `signal.reason`.
 */
export async function prepareCall(
  call: CallRequest,
  { origin, catalogue }: { origin: string; catalogue: CatalogueSource },
): Promise<PreparedCall | CallRefusal> {
  const { method, level, signal } = call;
  const input = readInput(call);
  if (input.kind !== "ready") return input;

  const policy = { origin, level };
  const typed = checkRoute({ method, path: input.path }, policy);
  if (typed.kind === "refused") {
    // Asked only where a suggestion could help, and not for a path that was meant to do harm.
    const canHelp = typed.code === "ROUTE_NOT_LISTED" || RELATIVE_PATH.test(input.path);
    const listed = canHelp ? catalogueOf(await catalogue.current(signal)) : undefined;
    const suggestions = listed === undefined ? [] : nearestEndpoints(input.path, listed, { level, method });
    return { ...typed, reason: typed.reason + didYouMean(suggestions), suggestions };
  }

  const state = await catalogue.current(signal);
  if (state.kind === "none" && method !== "GET") return unchecked(state.problem);
  const matched = match(input, catalogueOf(state), { method, level });
  if (matched.kind === "invalid") return matched;

  // The path is now as the API spells it, so the policy looks at that, too.
  const route = checkRoute({ method, path: matched.path }, policy);
  if (route.kind === "refused") return { ...route, suggestions: [] };
  const { url, rule } = route;
  const { bodyFields } = matched;
  for (const [name, values] of input.params) {
    for (const value of values) url.searchParams.append(name, value);
  }
  const caveat = state.kind === "current" ? undefined : state.problem.userMessage;
  const isDescribed = state.kind !== "none";
  return { kind: "prepared", method, url, body: input.body, rule, isDescribed, bodyFields, caveat };
}

/** What lacks no more than its beginning: `clients`, `api/clients/7`. */
const RELATIVE_PATH = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+){0,11}$/;

interface Input {
  path: string;
  /** Without those that went into the path. */
  params: Params;
  body: { json: unknown } | undefined;
}

/** Texts taken apart: a query that was typed into the endpoint, and params that belong into the path. */
function readInput(call: CallRequest): ({ kind: "ready" } & Input) | Invalid {
  const [template = "", ...query] = call.endpoint.trim().split("?");
  const inEndpoint = parseParams(query.join("?"));
  const given = parseParams(call.params);
  const body = parseBody(call.body);
  if (inEndpoint.kind === "invalid") return invalid("PARAMS_INVALID", inEndpoint.reason);
  if (given.kind === "invalid") return invalid("PARAMS_INVALID", given.reason);
  if (body.kind === "invalid") return invalid("BODY_INVALID", body.reason);

  if (call.method === "GET" && body.value !== undefined) {
    return invalidFields([{ field: "body", message: "is not taken by a GET; put filters into params" }]);
  }

  const params = new Map([...inEndpoint.value, ...given.value]);
  const problems: FieldProblem[] = [];
  const path = template.replace(/\{([A-Za-z_]\w{0,60})\}/g, (placeholder, name: string) => {
    const [value, ...others] = params.get(name) ?? [];
    params.delete(name);
    if (value !== undefined && others.length === 0 && SEGMENT.test(value)) return value;
    const message =
      value === undefined
        ? "is required, since it stands in the path"
        : "expected letters, digits, dots, - and _";
    problems.push({ field: name, message });
    return placeholder;
  });
  if (problems.length > 0) return invalidFields(problems);
  return { kind: "ready", path, params, body: body.value };
}

function catalogueOf(state: CatalogueState): Catalogue | undefined {
  return state.kind === "none" ? undefined : state.catalogue;
}

/** The path to send, once the API's own description agrees; without one, as it was typed. */
function match(
  { path, params, body }: Input,
  catalogue: Catalogue | undefined,
  { method, level }: { method: Method; level: Level },
): { kind: "matched"; path: string; bodyFields: string[] } | Invalid {
  if (catalogue === undefined) return { kind: "matched", path, bodyFields: [] };
  const found = findEndpoint(catalogue, { method, path });
  if (found === undefined) {
    const suggestions = nearestEndpoints(path, catalogue, { level, method });
    const reason = `${method} ${path} is not an endpoint of ClaudeTools.${didYouMean(suggestions)}`;
    return { ...invalid("ENDPOINT_UNKNOWN", reason), suggestions };
  }
  const problems = validateCall(found.endpoint, { pathValues: found.pathValues, query: params, body });
  if (problems.length > 0) return invalidFields(problems);
  return { kind: "matched", path: concretePath(found), bodyFields: bodyFieldsOf(found.endpoint) };
}

const MAX_PROBLEMS_IN_WORDS = 5;

function invalidFields(problems: FieldProblem[]): Invalid {
  const shown = problems.slice(0, MAX_PROBLEMS_IN_WORDS).map(({ field, message }) => `${field} ${message}`);
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : "";
  return { ...invalid("FIELDS_INVALID", `${shown.join("; ")}${more}. Nothing was sent.`), problems };
}

function invalid(code: string, reason: string): Invalid {
  return { kind: "invalid", code, reason, problems: [], suggestions: [] };
}

function didYouMean(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? "" : ` Did you mean ${suggestions.join(" or ")}?`;
}

function unchecked(problem: AppError): CallRefusal {
  const reason = `${problem.userMessage} Without that document a change cannot be checked, so nothing was sent.`;
  return { kind: "unchecked", code: problem.code, reason };
}
