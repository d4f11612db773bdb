import fc from "fast-check";
import { expect, test } from "vitest";
import { type Method, Method as Methods } from "../../../src/claudetools/catalogue.ts";
import { checkRoute } from "../../../worker/claudetools/route-policy.ts";
import { ROUTES } from "../../../worker/claudetools/routes.ts";

const origin = "http://172.16.3.30:8001";
const asAdmin = { origin, level: "admin" } as const;
const asTech = { origin, level: "tech" } as const;

function code(method: Method, path: string, policy: { origin: string; level: "tech" | "admin" } = asAdmin) {
  const verdict = checkRoute({ method, path }, policy);
  return verdict.kind === "refused" ? verdict.code : verdict.url.href;
}

test.for([
  "/api/clients",
  "/api/clients/",
  "/api/clients/7",
  "/api/m365-tenants/8F4E2B61-3C1D-4E2A-9B57-0D6A4F1C8E21",
  "/api/m365-tenants/by-domain/contoso.com",
  "/api/security-incidents",
  "/api/health",
])("a technician may read %s", (path) => {
  expect(code("GET", path, asTech)).toBe(origin + path);
});

test.for<[what: string, path: string]>([
  ["another host", "//evil.example/api/clients"],
  ["a host after a backslash", "/\\evil.example/api/clients"],
  ["another scheme", "https://evil.example/api/clients"],
  ["a scheme without slashes", "javascript:alert(1)"],
  ["the host's own scheme and another port", "http://172.16.3.30:9000/api/clients"],
  ["a host behind @", "@evil.example/api/clients"],
  ["a user in front of the path", "/api@evil.example/clients"],
  ["dots", "/api/clients/../users"],
  ["a dot", "/api/./clients"],
  ["encoded dots", "/api/clients/%2e%2e/users"],
  ["half-encoded dots", "/api/clients/.%2e/users"],
  ["dots and an encoded slash", "/api/clients/..%2fusers"],
  ["an encoded slash", "/api/clients%2f7"],
  ["dots behind a backslash", "/api/clients\\..\\users"],
  ["a line break", "/api/clients\nHost: evil.example"],
  ["a line break at the end", "/api/clients\n"],
  ["a tab", "/api/cli\tents"],
  ["NUL", "/api/clients\0"],
  ["a blank", "/api/clients /7"],
  ["letters that only look Latin", "/api/сlients"],
  ["full-width dots", "/api/clients/．．/users"],
  ["a query", "/api/clients?x=1"],
  ["a fragment", "/api/clients#x"],
  ["a parameter of the path", "/api/clients;admin=1"],
  ["a doubled slash", "/api//clients"],
  ["no slash in front", "api/clients"],
  ["nothing", ""],
  ["a slash", "/"],
  ["three hundred segments", "/api/clients".padEnd(600, "/7")],
])("%s is no path: %j", ([, path]) => {
  expect(code("GET", path)).toBe("PATH_INVALID");
});

test.for(["/API/clients", "/api/Clients", "/api/clients/7/Credentials", "/Api/Users"])(
  "%s is refused for its case, and not taken for another route",
  (path) => {
    expect(code("GET", path)).toBe("ROUTE_WRONG_CASE");
  },
);

test.for([
  "/api",
  "/api/auth/token",
  "/api/admin",
  "/docs",
  "/openapi.json",
  "/api/clients-export",
  "/api/health/x",
])("%s is on no list", (path) => {
  expect(code("GET", path)).toBe("ROUTE_NOT_LISTED");
});

test.for<Method>(["POST", "PUT", "PATCH", "DELETE"])(
  "%s is for administrators, and only after a yes",
  (method) => {
    expect(code(method, "/api/clients/7", asTech)).toBe("NOT_ADMIN");
    const verdict = checkRoute({ method, path: "/api/clients/7" }, asAdmin);
    expect(verdict).toMatchObject({ kind: "allowed", rule: { confirmation: true, visibility: "private" } });
  },
);

test.for([
  "/api/credentials",
  "/api/clients/7/credentials",
  "/api/users/1",
  "/api/tokens",
  "/api/discord-users",
])("%s shows names alone, and nobody may write there", (path) => {
  const verdict = checkRoute({ method: "GET", path }, asAdmin);
  if (verdict.kind !== "allowed") throw new Error(verdict.reason);
  expect(verdict.rule.onlyFields).toContain("name");
  expect(verdict.rule.onlyFields?.filter((field) => /pass|secret|key|hash|value|mfa/.test(field))).toEqual(
    [],
  );
  expect(code("POST", path)).toBe("METHOD_NOT_LISTED");
});

test.for([
  "/api/credentials/1/decrypted",
  "/api/clients/7/credentials/1/reveal",
  "/api/infrastructure/3/decrypt",
])("%s hands out secrets, so even an administrator may not", (path) => {
  expect(code("GET", path)).toBe("METHOD_NOT_LISTED");
});

test("tokens are for administrators", () => {
  expect(code("GET", "/api/tokens", asTech)).toBe("NOT_ADMIN");
});

test("no reading row asks for a yes, and no writing row does without", () => {
  for (const { methods, confirmation, level } of ROUTES) {
    const writes = methods.some((method) => method !== "GET");
    expect(confirmation).toBe(writes);
    if (writes) expect(level).toBe("admin");
  }
});

const nasty = fc.string({
  unit: fc.constantFrom(
    ...[
      "/",
      "\\",
      ".",
      "..",
      "%2e",
      "%2f",
      "%5c",
      "@",
      ":",
      "?",
      "#",
      ";",
      "\n",
      "\t",
      "\0",
      " ",
      "\u202e",
      "．",
    ],
    ...["api", "clients", "users", "credentials", "7", "http", "evil.example", "A", "é", "-", "_", "~", "%"],
  ),
  maxLength: 24,
});

test("whatever is asked for, it is refused or goes to the configured origin, below a listed path, without dot segments", () => {
  const path = fc.oneof(
    nasty,
    fc.string({ unit: "binary" }),
    nasty.map((tail) => `/api/clients/${tail}`),
    fc.webPath(),
  );
  fc.assert(
    fc.property(
      path,
      fc.constantFrom(...Methods.options),
      fc.constantFrom("tech", "admin"),
      (path, method, level) => {
        const verdict = checkRoute({ method, path }, { origin, level });
        if (verdict.kind === "refused") return;
        const { url, rule } = verdict;
        expect(url.origin).toBe(origin);
        expect([url.username, url.password, url.search, url.hash]).toEqual(["", "", "", ""]);
        expect(url.pathname).toBe(path);
        expect(url.pathname).toMatch(/^[\w./-]+$/);
        expect(url.pathname.split("/").some((segment) => /^\.+$/.test(segment))).toBe(false);
        const prefix = rule.path.split("/**")[0] ?? "";
        expect(`${url.pathname}/`.startsWith(`${prefix}/`)).toBe(true);
        expect(rule.methods).toContain(method);
        if (level === "tech") expect(rule.level).toBe("tech");
      },
    ),
    { numRuns: 5000 },
  );
});
