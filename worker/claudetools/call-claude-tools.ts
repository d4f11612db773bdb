import type { Method } from "../../src/claudetools/catalogue.ts";
import { redact } from "../../src/redact.ts";
import type { CatalogueSource } from "./catalogue-source.ts";
import type { Changed, ClaudeToolsClient } from "./client.ts";
import { type ExactCall, exactCall, isSameCall, paramsOf } from "./exact-call.ts";
import type { JsonValue } from "./json-value.ts";
import { namesOnly } from "./names-only.ts";
import { type CallRefusal, type CallRequest, type PreparedCall, prepareCall } from "./prepare-call.ts";
import { redactRecord } from "./redact-record.ts";
import type { RouteRule } from "./routes.ts";
import { isSecretName } from "./secret-names.ts";
import type { BoundedCall } from "./tenant-bounds.ts";

export interface ClaudeToolsCall extends CallRequest {
  /** The Discord id of whoever asks. */
  requestedBy: string;
  /** What a person has seen and said yes to. If anything else would be sent, nothing is. */
  confirmed?: ExactCall | undefined;
  /** Sent as `X-Request-Id`. Default: a new one. */
  requestId?: string | undefined;
  /** Why this person may not ask for that, although the route is open to them; nothing is then sent. */
  outOfBounds?: ((call: BoundedCall) => string | undefined) | undefined;
  /** The answer is for more eyes than the asker's. */
  isPublic: boolean;
  /** Strings of the answer beyond it are cut. At least 100. Default: none is. */
  maxStringLength?: number;
}

/** What a call is, for people; redacted, as it stands in messages and in the audit. */
interface ShownCall {
  method: Method;
  /** Path and query. */
  target: string;
  rule: RouteRule;
}

/** Every `reason` is for whoever asked and may be shown as it is (after escaping). */
export type CallOutcome =
  | (ShownCall & {
      kind: "answered";
      status: number;
      body: JsonValue;
      /** Values that looked like secrets. */
      redactedCount: number;
      /** Fields of secret-bearing records that were left out. */
      hiddenCount: number;
      shortenedCount: number;
      requestId: string;
      durationMs: number;
      /** Why the call could not be checked against the API's description, or only against an old one. */
      caveat: string | undefined;
    })
  /** Nothing was sent: a person must agree to exactly this first. */
  | (ShownCall & {
      kind: "needs-confirmation";
      /** By their names. */
      params: JsonValue;
      body: JsonValue | undefined;
      /** Values of both that looked like secrets. */
      redactedCount: number;
      exact: ExactCall;
    })
  /** The API did not do it, or may have: `changed` and the reason say which. */
  | (ShownCall & {
      kind: "failed";
      code: string;
      reason: string;
      retryable: boolean;
      requestId: string;
      changed: Changed;
    })
  /** Nothing was sent. */
  | CallRefusal;

/** A call that may be sent by whoever asked, and was not. */
export type CallCheck = { kind: "sendable"; prepared: PreparedCall; exact: ExactCall } | CallRefusal;

interface CallDependencies {
  client: ClaudeToolsClient;
  catalogue: CatalogueSource;
  now?: () => number;
  /** Secrets of this process, removed from answers wherever they stand. */
  known?: readonly string[];
}

/** Route policy, the API's own description, who may see the answer, and the person's tenants; nothing is sent, whatever the answer. */
export async function checkCall(
  call: ClaudeToolsCall,
  { client, catalogue }: Pick<CallDependencies, "client" | "catalogue">,
): Promise<CallCheck> {
  const prepared = await prepareCall(call, { origin: client.origin, catalogue });
  if (prepared.kind !== "prepared") return prepared;

  const { method, url, rule, body, isDescribed, bodyFields } = prepared;
  if (rule.visibility === "private" && call.isPublic) {
    const reason = `What ${url.pathname} answers is for the person who asks alone. Ask in private (private:true). Nothing was sent.`;
    return { kind: "refused", code: "PRIVATE_ONLY", reason, suggestions: [] };
  }
  const bounds = call.outOfBounds?.({ method, url, body: body?.json, isDescribed, bodyFields });
  if (bounds !== undefined) {
    return { kind: "refused", code: "TENANT_NOT_ALLOWED", reason: bounds, suggestions: [] };
  }
  const exact = exactCall(prepared);
  if (call.confirmed !== undefined && !isSameCall(call.confirmed, exact)) {
    return { kind: "refused", code: "APPROVAL_CHANGED", reason: CHANGED, suggestions: [] };
  }
  return { kind: "sendable", prepared, exact };
}

const CHANGED =
  "What would be sent is no longer what was shown, since the API has changed. Nothing was sent; use /query again.";

/**
 * The only way in which a person's or a model's call reaches ClaudeTools. In this order: route policy, the API's own
 * description, who may see the answer, the person's tenants, confirmation, the request, redaction. Whatever comes back
 * is fit for Discord and for the model.
 * @throws only `signal.reason`.
 */
export async function callClaudeTools(
  call: ClaudeToolsCall,
  dependencies: CallDependencies,
): Promise<CallOutcome> {
  const { known = [] } = dependencies;
  const checked = await checkCall(call, dependencies);
  if (checked.kind !== "sendable") return checked;

  const { prepared, exact } = checked;
  const { method, rule, body } = prepared;
  const shown = { method, target: shownTarget(prepared.url, known), rule };
  if (rule.confirmation && call.confirmed === undefined) {
    const params = redactRecord(paramsOf(exact), { known });
    const clean = redactRecord(body?.json, { known });
    return {
      ...{ kind: "needs-confirmation", ...shown, params: params.value, exact },
      body: body === undefined ? undefined : clean.value,
      redactedCount: params.redactedCount + clean.redactedCount,
    };
  }
  return send(prepared, call, { ...dependencies, shown });
}

/** By name and by shape, and before it is encoded: `password%3D…` is no shape that anybody knows. */
function shownTarget({ pathname, search, searchParams }: URL, known: readonly string[]): string {
  let isClean = true;
  const pairs = [...searchParams].map(([name, value]) => {
    const shown = isSecretName(name) ? "[redacted]" : redact(value, known);
    if (shown !== value) isClean = false;
    return `${name}=${shown}`;
  });
  return redact(pathname + (isClean ? search : `?${pairs.join("&")}`), known);
}

async function send(
  { method, url, body, rule, caveat }: PreparedCall,
  { requestedBy, requestId: given, signal, maxStringLength }: ClaudeToolsCall,
  { client, now = Date.now, known = [], shown }: CallDependencies & { shown: ShownCall },
): Promise<CallOutcome> {
  const startedAtMs = now();
  const answer = await client.request({
    ...{ method, url, requestedBy: `discord:${requestedBy}`, signal },
    ...(body === undefined ? {} : { body: body.json }),
    ...(given === undefined ? {} : { requestId: given }),
  });
  const { requestId } = answer;
  if (answer.kind === "not-modified") throw new Error("304 to a request without a condition.");
  if (answer.kind === "failed") {
    const { code, userMessage: reason, retryable } = answer.problem;
    return { kind: "failed", ...shown, code, reason, retryable, requestId, changed: answer.changed };
  }

  const limits = maxStringLength === undefined ? {} : { maxStringLength };
  const { value, hiddenCount } = shownPart(answer.body, rule);
  const { value: clean, ...counts } = redactRecord(value, { known, ...limits });
  const durationMs = now() - startedAtMs;
  const { status } = answer;
  return {
    kind: "answered",
    ...shown,
    status,
    body: clean,
    ...counts,
    hiddenCount,
    requestId,
    durationMs,
    caveat,
  };
}

function shownPart(body: unknown, { onlyFields }: RouteRule) {
  return onlyFields === undefined ? { value: body, hiddenCount: 0 } : namesOnly(body, onlyFields);
}
