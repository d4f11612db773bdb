import { expect, test } from "vitest";
import { literal, segment } from "../../../../worker/toolkit/builtin/graph-client.ts";

test.each([
  ["jane_fabrikam.com#EXT#@contoso.com", "jane_fabrikam.com%23EXT%23%40contoso.com"],
  ["m.o'neil@contoso.com", "m.o%27neil%40contoso.com"],
  ["../me?x=1/", "..%2Fme%3Fx%3D1%2F"],
])("%s is one segment of a path", (value, encoded) => {
  expect(segment(value)).toBe(encoded);
  expect(new URL(`/v1.0/users/${segment(value)}`, "https://graph.microsoft.com").pathname).toBe(
    `/v1.0/users/${encoded}`,
  );
});

test("a quote in a filter is doubled", () => {
  expect(literal("o'neil' or true eq true or 'x")).toBe("'o''neil'' or true eq true or ''x'");
});
