import { expect, test } from "vitest";
import { tokenExpiry } from "../../../worker/claudetools/token-expiry.ts";

const jwt = (claims: string) => `e30.${Buffer.from(claims).toString("base64url")}.sig`;

test.for<[what: string, token: string, expiry: number | undefined]>([
  ["a JWT", jwt('{"exp": 1700000000}'), 1_700_000_000_000],
  ["a JWT without an end", jwt("{}"), undefined],
  ["an end that is no number", jwt('{"exp": "soon"}'), undefined],
  ["an end that no date reaches", jwt('{"exp": 1e300}'), undefined],
  ["broken JSON", jwt("{"), undefined],
  ["a key that is no JWT", "abcdef", undefined],
  ["two dots and nothing", "..", undefined],
])("%s", ([, token, expiry]) => {
  expect(tokenExpiry(token)).toBe(expiry);
});
