interface ErrorBody {
  type: string;
  message: string;
  details?: Record<string, unknown>;
}

/** What happens to one request in place of an honest answer. */
export type Fault =
  | { kind: "status"; status: number; error: ErrorBody; headers?: Record<string, string> }
  /** The connection is closed without an answer. */
  | { kind: "reset" }
  /** No answer, not even headers. */
  | { kind: "hang" }
  /** The honest stream up to its first text (or tool input), then the connection breaks. */
  | { kind: "cut" }
  /** The same, then silence on an open connection. */
  | { kind: "stall" }
  /** The same, then an `error` event. */
  | { kind: "stream-error"; error: ErrorBody };

const status = (
  code: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): Fault => ({
  kind: "status",
  status: code,
  error: { type, message },
  headers,
});

const OVERLOADED = { type: "overloaded_error", message: "Overloaded" };

/** @see https://platform.claude.com/docs/en/api/errors */
export const faults = {
  wrongKey: status(401, "authentication_error", "invalid x-api-key"),
  noCredit: status(402, "billing_error", "Your credit balance is too low to access the Anthropic API."),
  /** As accounts that pay in advance have met it. */
  noCreditAsBadRequest: status(
    400,
    "invalid_request_error",
    "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
  ),
  forbidden: status(
    403,
    "permission_error",
    "Your API key does not have permission to use the specified resource.",
  ),
  tooLarge: status(413, "request_too_large", "Request exceeds the maximum size"),
  /** @param seconds - `retry-after`. */
  rateLimited: (seconds: number): Fault =>
    status(429, "rate_limit_error", "This request would exceed your organization's rate limit.", {
      "retry-after": String(seconds),
    }),
  internal: status(500, "api_error", "Internal server error"),
  overloaded: status(529, "overloaded_error", "Overloaded"),
  overloadedInStream: { kind: "stream-error", error: OVERLOADED },
} satisfies Record<string, Fault | ((seconds: number) => Fault)>;
