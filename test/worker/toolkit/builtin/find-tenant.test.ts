import { afterEach, beforeEach, expect, test } from "vitest";
import { createFindTenant } from "../../../../worker/toolkit/builtin/find-tenant.ts";
import type { Fault } from "../../../sandbox/graph/faults.ts";
import { openSandbox, type Sandbox } from "./sandbox-run.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

async function findTenant(args: string[], env: Record<string, string> = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const exitCode = await createFindTenant({ sleep: async () => {} })({
    args,
    env: { LOGIN_BASE_URL: sandbox.graph.loginUrl, ...env },
    print: (line) => stdout.push(line),
    complain: (line) => stderr.push(line),
    signal: new AbortController().signal,
  });
  return { exitCode, stdout, stderr: stderr.join("\n") };
}

test.each(["contoso.com", "CONTOSO.com", "contoso.onmicrosoft.com", "the id itself"])(
  "prints the tenant id of %s and nothing else",
  async (name) => {
    const { id } = sandbox.tenant();
    expect(await findTenant([name === "the id itself" ? id : name])).toEqual({
      exitCode: 0,
      stdout: [id],
      stderr: "",
    });
  },
);

test("asks without credentials", async () => {
  await findTenant(["contoso.com"]);
  expect(sandbox.graph.requests).toEqual([expect.objectContaining({ method: "GET", authorised: false })]);
});

const FAILURES: { what: string; fault?: Fault; times?: number; says: RegExp }[] = [
  { what: "an unknown domain", says: /no such tenant \(AADSTS90002\)/ },
  { what: "a web page", fault: { kind: "html" }, says: /something other than JSON/ },
  { what: "an outage", fault: { kind: "status", status: 503 }, times: 9, says: /HTTP 503/ },
  { what: "JSON of another shape", fault: { kind: "status", status: 404 }, says: /unknown shape/ },
];

test.each(FAILURES)("$what is said, with exit code 1", async ({ fault, times = 1, says }) => {
  if (fault) sandbox.graph.faults.push({ on: /./, fault, times });
  const { exitCode, stdout, stderr } = await findTenant(["unknown.example"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: [] });
  expect(stderr).toMatch(says);
});

test.each([
  [[]],
  [["contoso.com", "fabrikam.com"]],
  [["https://contoso.com"]],
  [["../etc"]],
  [["cоntoso.com"]],
  [[""]],
])("%j is wrong usage: exit code 2, and nothing is asked", async (args) => {
  const { exitCode, stderr } = await findTenant(args);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/Expected one argument[\s\S]*Usage: resolve-tenant/);
  expect(sandbox.graph.requests).toEqual([]);
});
