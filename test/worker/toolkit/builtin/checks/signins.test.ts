import { afterEach, beforeEach, expect, test } from "vitest";
import type { Fault } from "../../../../sandbox/graph/faults.ts";
import { openSandbox, type Sandbox } from "../sandbox-run.ts";
import { List } from "./lists.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await openSandbox();
});
afterEach(() => sandbox.close());

const asked = () => sandbox.graph.requests.filter(({ url }) => url.includes("signIns"));

test("interactive and non-interactive sign-ins are two lists, both with what only beta knows", async () => {
  await sandbox.checkUser("adele@contoso.com");
  const interactive = await sandbox.readArtifact("signins.json", List);
  const others = await sandbox.readArtifact("signins-non-interactive.json", List);
  expect(interactive.value).toHaveLength(25);
  expect(others.value).toHaveLength(15);
  for (const { "@odata.context": context } of [interactive, others]) {
    expect(context).toMatch(/\/beta\/\$metadata#auditLogs\/signIns$/);
  }
  expect(new Set(interactive.value.map(({ isInteractive }) => isInteractive))).toEqual(new Set([true]));
  expect(new Set(others.value.map(({ isInteractive }) => isInteractive))).toEqual(new Set([false]));
  expect(interactive.value[0]).toMatchObject({
    authenticationRequirement: "singleFactorAuthentication",
    authenticationProtocol: "none",
    userAgent: expect.stringContaining("Linux"),
  });
});

const REFUSALS: [what: string, fault: Fault, requests: number][] = [
  ["a filter that beta no longer knows", { kind: "status", status: 400, code: "BadRequest" }, 1],
  ["an address that is gone", { kind: "status", status: 404, code: "ResourceNotFound" }, 1],
  ["a bare refusal", { kind: "status", status: 403, code: "Forbidden" }, 1],
  ["a web page", { kind: "html" }, 1],
  ["an outage", { kind: "status", status: 503 }, 4],
];

test.each(REFUSALS)(
  "%s in beta: the interactive sign-ins come from v1.0, and the gap is said",
  async (_what, fault, requests) => {
    sandbox.graph.faults.push({ on: /\/beta\/auditLogs\/signIns/, fault, times: requests });
    const run = await sandbox.checkUser("megan@contoso.com");
    const { value, "@odata.context": context } = await sandbox.readArtifact("signins.json", List);
    expect(context).toMatch(/\/v1\.0\/\$metadata#auditLogs\/signIns$/);
    expect(value[0]).not.toHaveProperty("authenticationRequirement");
    expect(run.row("signins")).toMatchObject({
      status: "ok",
      records: 27,
      truncated: false,
      reason: expect.stringContaining("factors and protocols of the interactive sign-ins are missing"),
      how_to_fix: expect.stringContaining("Run it again later"),
    });
    expect(sandbox.graph.violations).toEqual([]);
  },
);

test("without beta altogether, what v1.0 has is kept and the rest is named as missing", async () => {
  sandbox.graph.faults.push({
    on: /\/beta\//,
    fault: { kind: "status", status: 400, code: "BadRequest" },
    times: Number.POSITIVE_INFINITY,
  });
  const run = await sandbox.checkUser("megan@contoso.com");
  expect(run.row("signins")).toMatchObject({
    status: "error",
    records: 17,
    truncated: true,
    reason: expect.stringContaining("The non-interactive sign-ins could not be read."),
  });
});

test("a tenant without premium is asked three times and no more, so that nothing else waits", async () => {
  const run = await sandbox.checkUser("pat@fabrikam.com");
  expect(run.row("signins").status).toBe("not_licensed");
  expect(asked()).toHaveLength(3);
  expect(run.row("directory_audits").status).toBe("ok");
  expect(Math.max(...run.waits)).toBeLessThanOrEqual(1000);
});

test("on P1 the log is whole, with risk ratings that are hidden", async () => {
  const run = await sandbox.checkUser("nancy@northwind.com");
  expect(run.row("signins")).toMatchObject({ status: "ok", records: 13 });
  const { value } = await sandbox.readArtifact("signins.json", List, sandbox.tenant("northwind.com").id);
  expect(value[0]).toMatchObject({ riskLevelDuringSignIn: "hidden" });
});
