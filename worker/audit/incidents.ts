import * as z from "zod";
import { AppError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { ApiAnswer, ClaudeToolsClient } from "../claudetools/client.ts";
import type { Deliver } from "./deliver.ts";
import { type Incident, toIncident } from "./incident.ts";

const PATH = "/api/security-incidents";
const NOT_FILTERED =
  "ClaudeTools does not filter incidents by external_id: a repeated audit record rests on its idempotency key";

interface IncidentsOptions {
  client: Pick<ClaudeToolsClient, "origin" | "request">;
  log: Log;
}

/**
 * Delivers audit records as security incidents of ClaudeTools.
 *
 * We do not have its source, so this is all that is assumed of it: a POST with JSON is stored if and only if it is
 * answered with 2xx, or its answer is lost; unknown fields are ignored, as FastAPI does; an incident keeps `external_id`, and
 * `GET ?external_id=` finds it. Where the API ignores that filter or knows no GET, a repeated POST rests on its
 * `Idempotency-Key` alone; an audit record twice is better than none.
 * @throws {AppError} `CLAUDETOOLS_…` if the record is not known to be stored.
 */
export function createIncidents({ client, log }: IncidentsOptions): Deliver {
  const url = new URL(PATH, client.origin);

  return async function deliver(record, { signal, isRepeat }) {
    const incident = toIncident(record);
    if (isRepeat && (await isThere(incident, signal))) return "already-there";

    const { external_id: id } = incident;
    const headers = { "x-request-id": id, "idempotency-key": id };
    const answer = await ask({ method: "POST", url, body: incident, headers }, { incident, signal });
    // The status is the answer; a body that breaks off or is no JSON changes nothing.
    if (answer.kind !== "failed" || isSuccess(answer.status)) return "taken";
    // A conflict may also be about something else.
    if (answer.status === 409 && (await isThere(incident, signal))) return "already-there";
    throw answer.problem;
  };

  async function isThere(incident: Incident, signal: AbortSignal): Promise<boolean> {
    const query = new URL(url);
    query.searchParams.set("external_id", incident.external_id);
    const headers = { "x-request-id": incident.external_id };
    const answer = await ask({ method: "GET", url: query, headers }, { incident, signal });
    if (answer.kind === "failed") {
      // Nothing by that id, an API that cannot be asked, or an answer that cannot be read.
      if (isSuccess(answer.status) || [400, 404, 405, 422].includes(answer.status ?? 0)) return false;
      throw answer.problem;
    }
    const incidents = listIncidents(answer.kind === "answered" ? answer.body : undefined) ?? [];
    if (incidents.some(({ external_id }) => external_id === incident.external_id)) return true;
    if (incidents.length > 0) log.warn({ path: PATH }, NOT_FILTERED);
    return false;
  }

  async function ask(
    request: Omit<Parameters<ClaudeToolsClient["request"]>[0], "requestedBy" | "signal">,
    { incident, signal }: { incident: Incident; signal: AbortSignal },
  ): Promise<ApiAnswer> {
    try {
      return await client.request({ ...request, requestedBy: incident.reported_by, signal });
    } catch (cause) {
      const isLate = cause instanceof Error && cause.name === "TimeoutError";
      if (!isLate) throw cause;
      const words = "ClaudeTools took the request and did not answer in time.";
      throw new AppError("CLAUDETOOLS_TIMEOUT", words, { retryable: true, cause });
    }
  }
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

const Known = z.object({ external_id: z.string().nullish() });

/** A list, or a page with a list under whatever name. */
function listIncidents(answer: unknown): z.infer<typeof Known>[] | undefined {
  const page = z.record(z.string(), z.unknown()).safeParse(answer).data ?? {};
  for (const candidate of [answer, ...Object.values(page)]) {
    const list = z.array(Known).safeParse(candidate).data;
    if (list !== undefined) return list;
  }
  return undefined;
}
