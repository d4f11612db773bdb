import type { Method } from "../../src/claudetools/catalogue.ts";
import { redact } from "../../src/redact.ts";
import type { CatalogueSource } from "./catalogue-source.ts";
import type { ClaudeToolsClient } from "./client.ts";
import type { JsonValue } from "./json-value.ts";
import { namesOnly } from "./names-only.ts";
import { type CallRefusal, type CallRequest, type PreparedCall, prepareCall } from "./prepare-call.ts";
import { redactRecord } from "./redact-record.ts";
import type { RouteRule } from "./routes.ts";
import type { BoundedCall } from "./tenant-bounds.ts";

export interface ClaudeToolsCall extends CallRequest {
  /** The Discord id of whoever asks. */
  requestedBy: string;
  /** A person has seen exactly this call and said yes. */
  confirmed: boolean;
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
  | (ShownCall & { kind: "needs-confirmation"; body: JsonValue | undefined })
  /** The API did not do it, or may have: the reason says which. */
  | (ShownCall & { kind: "failed"; code: string; reason: string; retryable: boolean; requestId: string })
  /** Nothing was sent. */
  | CallRefusal;

interface CallDependencies {
  client: ClaudeToolsClient;
  catalogue: CatalogueSource;
  now?: () => number;
  /** Secrets of this process, removed from answers wherever they stand. */
  known?: readonly string[];
}

/**
 * The only way in which a person's or a model's call reaches ClaudeTools. In this order: route policy, the API's own
 * description, who may see the answer, the person's tenants, confirmation, the request, redaction. Whatever comes back is fit for Discord and for the model.
 * @throws only `signal.reason`.
 */
export async function callClaudeTools(
  call: ClaudeToolsCall,
  dependencies: CallDependencies,
): Promise<CallOutcome> {
  const { client, catalogue, known = [] } = dependencies;
  const prepared = await prepareCall(call, { origin: client.origin, catalogue });
  if (prepared.kind !== "prepared") return prepared;

  const { method, url, rule, body, isDescribed } = prepared;
  if (rule.visibility === "private" && call.isPublic) {
    const reason = `What ${url.pathname} answers is for the person who asks alone. Ask in private (private:true). Nothing was sent.`;
    return { kind: "refused", code: "PRIVATE_ONLY", reason, suggestions: [] };
  }
  const bounds = call.outOfBounds?.({ url, body: body?.json, isDescribed });
  if (bounds !== undefined) {
    return { kind: "refused", code: "TENANT_NOT_ALLOWED", reason: bounds, suggestions: [] };
  }
  const shown = { method, target: redact(url.pathname + url.search, known), rule };
  if (rule.confirmation && !call.confirmed) {
    const shownBody = body === undefined ? undefined : redactRecord(body.json, { known }).value;
    return { kind: "needs-confirmation", ...shown, body: shownBody };
  }
  return send(prepared, call, { ...dependencies, shown });
}

async function send(
  { method, url, body, rule, caveat }: PreparedCall,
  { requestedBy, signal, maxStringLength }: ClaudeToolsCall,
  { client, now = Date.now, known = [], shown }: CallDependencies & { shown: ShownCall },
): Promise<CallOutcome> {
  const startedAtMs = now();
  const answer = await client.request({
    ...{ method, url, requestedBy: `discord:${requestedBy}`, signal },
    ...(body === undefined ? {} : { body: body.json }),
  });
  const { requestId } = answer;
  if (answer.kind === "not-modified") throw new Error("304 to a request without a condition.");
  if (answer.kind === "failed") {
    const { code, userMessage: reason, retryable } = answer.problem;
    return { kind: "failed", ...shown, code, reason, retryable, requestId };
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
