import { randomUUID } from "node:crypto";

/** What a route answers; `body` is sent as JSON. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** Graph's error envelope. @see https://learn.microsoft.com/graph/errors */
export function graphError(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  const requestId = randomUUID();
  return {
    status,
    headers: { "request-id": requestId, ...headers },
    body: {
      error: {
        code,
        message,
        innerError: {
          date: new Date().toISOString().slice(0, 19),
          "request-id": requestId,
          "client-request-id": requestId,
        },
      },
    },
  };
}

/** docs-contrib#7276 */
export const NOT_PREMIUM = graphError(
  403,
  "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
  "Neither tenant is B2C or tenant doesn't have premium license",
);

/** The words are those that people report; Microsoft documents none. */
export const NOT_LICENSED = graphError(403, "Forbidden", "Your tenant is not licensed for this feature.");
