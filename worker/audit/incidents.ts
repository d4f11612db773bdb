import * as z from "zod";
import { AppError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Deliver } from "./deliver.ts";
import { type Incident, toIncident } from "./incident.ts";

const PATH = "/api/security-incidents";
const NOT_FILTERED =
  "ClaudeTools does not filter incidents by external_id: a repeated audit record rests on its idempotency key";
/** Of an answer that is longer than this, nothing is read. */
const MAX_ANSWER_BYTES = 1024 * 1024;

export interface IncidentsOptions {
  /** An origin. */
  apiUrl: string;
  /** A JWT. */
  apiKey: string;
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
export function createIncidents({ apiUrl, apiKey, log }: IncidentsOptions): Deliver {
  const url = new URL(PATH, apiUrl);

  return async function deliver(record, { signal, isRepeat }) {
    const incident = toIncident(record);
    if (isRepeat && (await isThere(incident, signal))) return "already-there";

    const response = await send(url, {
      method: "POST",
      headers: {
        ...headersOf(incident),
        "content-type": "application/json",
        "idempotency-key": incident.external_id,
      },
      body: JSON.stringify(incident),
      signal,
    });
    if (response.ok) {
      // The status is the answer; a body that breaks off changes nothing.
      await discard(response);
      return "taken";
    }
    // A conflict may also be about something else.
    if (response.status === 409 && (await isThere(incident, signal))) {
      await discard(response);
      return "already-there";
    }
    throw await refusal(response);
  };

  async function isThere(incident: Incident, signal: AbortSignal): Promise<boolean> {
    const query = new URL(url);
    query.searchParams.set("external_id", incident.external_id);
    const response = await send(query, { headers: headersOf(incident), signal });
    // Nothing by that id, or an API that cannot be asked.
    if ([400, 404, 405, 422].includes(response.status)) {
      await discard(response);
      return false;
    }
    if (!response.ok) throw await refusal(response);

    const incidents = listIncidents(await readJson(response)) ?? [];
    if (incidents.some(({ external_id }) => external_id === incident.external_id)) return true;
    if (incidents.length > 0) log.warn({ path: PATH }, NOT_FILTERED);
    return false;
  }

  async function send(to: URL, init: RequestInit): Promise<Response> {
    try {
      // A redirect would carry the token to wherever the answer says.
      return await fetch(to, { ...init, redirect: "manual" });
    } catch (cause) {
      const isLate = cause instanceof Error && cause.name === "TimeoutError";
      throw isLate
        ? problem("CLAUDETOOLS_TIMEOUT", "ClaudeTools took the request and did not answer in time.", cause)
        : problem("CLAUDETOOLS_UNREACHABLE", "ClaudeTools could not be reached.", cause);
    }
  }

  function headersOf(incident: Incident): Record<string, string> {
    return {
      accept: "application/json",
      authorization: `Bearer ${apiKey}`,
      "x-request-id": incident.external_id,
      "x-requested-by": incident.reported_by,
    };
  }
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

/** @see https://fastapi.tiangolo.com/tutorial/handling-errors/ */
const ValidationError = z.object({
  detail: z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])) })),
});

async function refusal(response: Response): Promise<AppError> {
  const { status } = response;
  const fields = ValidationError.safeParse(await readJson(response)).data?.detail.map(({ loc }) =>
    loc.join("."),
  );
  const about = fields === undefined ? "" : ` about ${fields.slice(0, 10).join(", ").slice(0, 300)}`;
  return problem(
    `CLAUDETOOLS_HTTP_${status}`,
    `ClaudeTools answered an audit record with HTTP ${status}${about}. It is tried again until it is taken.`,
  );
}

function problem(code: string, message: string, cause?: unknown): AppError {
  return new AppError(code, message, { retryable: true, cause });
}

/** @returns `undefined` for what is too long, or no JSON. */
async function readJson(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_ANSWER_BYTES) return undefined;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
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
