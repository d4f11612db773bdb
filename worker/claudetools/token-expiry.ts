import { z } from "zod";

/** @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4 */
const Claims = z.object({ exp: z.number().min(0).max(8_640_000_000_000) });

/**
 * When a JWT ends, in milliseconds since 1970; `undefined` for a token without an end or one that is no JWT. Nothing is
 * verified: it is our own token, and the API alone decides about it.
 */
export function tokenExpiry(token: string): number | undefined {
  const [, payload] = token.split(".");
  if (payload === undefined) return undefined;
  try {
    const claims = Claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    return claims.success ? claims.data.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
