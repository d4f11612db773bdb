import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { createCheckOnboarding } from "../../../../worker/toolkit/builtin/check-onboarding.ts";
import { TIER_PERMISSIONS, TIERS, type Tier } from "../../../../worker/toolkit/builtin/tiers.ts";
import { NOW, openSandbox, type Sandbox } from "./sandbox-run.ts";

let sandbox: Sandbox;
let clockMs: number;
beforeEach(async () => {
  clockMs = NOW;
  sandbox = await openSandbox({ clock: () => clockMs });
});
afterEach(() => sandbox.close());

/** What an administrator who consented to everything has given. */
const everything = (tier: Tier) => TIER_PERMISSIONS[tier].map(({ value }) => value);

const Onboarding = z.object({
  tiers: z.array(
    z.object({
      tier: z.enum(TIERS),
      consentUrl: z.string(),
      problem: z.object({ reason: z.string(), howToFix: z.string() }).optional(),
      permissions: z.array(
        z.object({
          value: z.string(),
          state: z.string(),
          reason: z.string().optional(),
          howToFix: z.string().optional(),
        }),
      ),
    }),
  ),
});

async function onboard({
  args = ["contoso.com"],
  env = {},
}: {
  args?: string[];
  env?: Record<string, string>;
} = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const exitCode = await createCheckOnboarding({
    now: () => clockMs,
    sleep: async (ms) => {
      clockMs += ms;
    },
  })({
    args,
    env: { ...sandbox.env, ...env },
    print: (line) => stdout.push(line),
    complain: (line) => stderr.push(line),
    signal: new AbortController().signal,
  });
  const artifact = await sandbox.readArtifact("onboarding.json", Onboarding).catch(() => undefined);
  function tier(name: Tier) {
    const found = artifact?.tiers.find((one) => one.tier === name);
    if (!found) throw new Error(`no tier ${name}`);
    return found;
  }
  return {
    exitCode,
    stdout,
    stderr,
    tier,
    state: (name: Tier, value: string) => tier(name).permissions.find((one) => one.value === value),
  };
}

test("a tenant that consented to everything works, and each permission has its line", async () => {
  sandbox.tenant().app.roles = TIERS.flatMap(everything);
  const run = await onboard();
  expect(run).toMatchObject({ exitCode: 0, stderr: [] });
  for (const value of everything("INVESTIGATOR")) {
    expect(run.state("INVESTIGATOR", value)).toEqual(expect.objectContaining({ state: "works" }));
    expect(run.stdout.filter((line) => line.startsWith(`  works      ${value}, for`))).not.toEqual([]);
  }
  expect(run.state("DEFENDER", "SecurityAlert.Read.All")).toMatchObject({ state: "works" });
  expect(run.state("USER_MANAGER", "User.RevokeSessions.All")).toMatchObject({ state: "granted" });
  const states = TIERS.flatMap((tier) => run.tier(tier).permissions.map(({ state }) => state));
  expect(states).not.toContain("missing");
  expect(states).not.toContain("refused");
});

test("it only reads", async () => {
  sandbox.tenant().app.roles = TIERS.flatMap(everything);
  await onboard();
  const { requests, violations } = sandbox.graph;
  expect(new Set(requests.filter(({ host }) => host === "graph").map(({ method }) => method))).toEqual(
    new Set(["GET"]),
  );
  // Exchange takes its commands by POST; the stand-in knows those that read, and no others.
  expect(requests.some(({ host }) => host === "exchange")).toBe(true);
  expect(violations).toEqual([]);
});

test("Exchange without a role for the app is consented to and refused, with the role to assign", async () => {
  sandbox.tenant().app.exchangeRole = false;
  const { state } = await onboard();
  expect(state("INVESTIGATOR", "Exchange.ManageAsApp")).toMatchObject({
    state: "refused",
    howToFix: expect.stringContaining("Global Reader"),
  });
});

test("a licence that is missing leaves a permission unproven", async () => {
  sandbox.tenant().licence = "p1";
  const { state } = await onboard();
  expect(state("INVESTIGATOR", "IdentityRiskyUser.Read.All")).toMatchObject({
    state: "unproven",
    reason: expect.stringContaining("not licensed"),
  });
});

test("the consent URL is that of the tenant and the app", async () => {
  const { tier, stdout } = await onboard();
  const url = `${sandbox.graph.loginUrl}/${sandbox.tenant().id}/adminconsent?client_id=${sandbox.graph.clientId}`;
  expect(tier("INVESTIGATOR").consentUrl).toBe(url);
  expect(stdout).toContain(`  consent    ${url}`);
});

test("a permission that nobody consented to is missing, with where to add it", async () => {
  const { app } = sandbox.tenant();
  app.roles = app.roles.filter((role) => role !== "MailboxSettings.Read");
  const { state, stdout } = await onboard();
  expect(state("INVESTIGATOR", "MailboxSettings.Read")).toMatchObject({
    state: "missing",
    howToFix: expect.stringContaining("MailboxSettings.Read of Microsoft Graph"),
  });
  expect(stdout.find((line) => line.includes("MailboxSettings.Read,"))).toMatch(
    /^ {2}missing .+open the consent URL\.$/,
  );
});

test("one that is consented to and refused is told apart from a missing one", async () => {
  sandbox.graph.faults.push({
    on: /messageRules/,
    fault: { kind: "status", status: 403, code: "ErrorAccessDenied" },
    times: Number.POSITIVE_INFINITY,
  });
  const { state } = await onboard();
  expect(state("INVESTIGATOR", "MailboxSettings.Read")).toMatchObject({
    state: "refused",
    reason: expect.stringContaining("refused nevertheless"),
    howToFix: expect.stringContaining("wait"),
  });
});

test("without a reader of the directory a refusal counts as missing, and a success as what it is", async () => {
  sandbox.tenant().app.roles = ["SecurityAlert.Read.All"];
  const { state } = await onboard();
  expect(state("DEFENDER", "SecurityAlert.Read.All")).toMatchObject({ state: "works" });
  expect(state("INVESTIGATOR", "User.Read.All")).toMatchObject({ state: "missing" });
  expect(state("USER_MANAGER", "User.RevokeSessions.All")).toMatchObject({
    state: "unproven",
    howToFix: expect.stringContaining("INVESTIGATOR"),
  });
});

test("an account without a mailbox is no reason: another one is tried", async () => {
  sandbox.graph.faults.push({
    on: /messageRules/,
    fault: { kind: "status", status: 404, code: "MailboxNotEnabledForRESTAPI" },
  });
  const { state } = await onboard();
  expect(state("INVESTIGATOR", "MailboxSettings.Read")).toMatchObject({ state: "works" });
});

test("throttling to the end leaves a permission unproven, not missing", async () => {
  sandbox.graph.faults.push({
    on: /messageRules/,
    fault: { kind: "status", status: 503 },
    times: Number.POSITIVE_INFINITY,
  });
  const { state } = await onboard();
  expect(state("INVESTIGATOR", "MailboxSettings.Read")).toMatchObject({ state: "unproven" });
});

test("a tier whose app is unknown in the tenant is told so, and costs the others nothing", async () => {
  const env = {
    M365_DEFENDER_CLIENT_ID: "0d3f9a54-1111-4e39-9d57-3f2c61ab70de",
    M365_DEFENDER_CLIENT_SECRET: "canary-secret",
  };
  const { exitCode, tier, stdout } = await onboard({ env });
  expect(exitCode).toBe(0);
  expect(tier("DEFENDER")).toMatchObject({
    problem: { reason: expect.stringContaining("nobody has consented") },
    permissions: [],
  });
  expect(tier("INVESTIGATOR").permissions).not.toEqual([]);
  expect(stdout.join("\n")).not.toContain("canary");
});

test("a tier without an app registration is named, and the others are looked at", async () => {
  const { clientId, clientSecret } = sandbox.graph;
  const env = {
    M365_CLIENT_ID: "",
    M365_CLIENT_SECRET: "",
    M365_INVESTIGATOR_CLIENT_ID: clientId,
    M365_INVESTIGATOR_CLIENT_SECRET: clientSecret,
  };
  const { exitCode, stderr, stdout } = await onboard({ env });
  expect(exitCode).toBe(0);
  expect(stderr).toHaveLength(4);
  expect(stderr[3]).toMatch(/^DEFENDER: Expected M365_DEFENDER_CLIENT_ID/);
  expect(stdout.filter((line) => line.includes("(app "))).toHaveLength(1);
});

test.for<[title: string, prepare: () => unknown, words: RegExp]>([
  [
    "an expired secret",
    () => Object.assign(sandbox.tenant().app, { secretExpired: true }),
    /expired.+Create a new/,
  ],
  [
    "no consent at all",
    () => Object.assign(sandbox.tenant().app, { installed: false }),
    /consented.+admin consent/,
  ],
  [
    "a page of a proxy",
    () =>
      sandbox.graph.faults.push({
        on: /token$/,
        fault: { kind: "html" },
        times: Number.POSITIVE_INFINITY,
      }),
    /something other than JSON.+proxy/,
  ],
])("%s is told for each tier with its cure, and the consent URL nevertheless", async ([, prepare, words]) => {
  prepare();
  const { exitCode, stdout } = await onboard();
  expect(exitCode).toBe(1);
  expect(stdout.filter((line) => line.startsWith("  sign-in  ") && words.test(line))).toHaveLength(5);
  expect(stdout.filter((line) => line.startsWith("  consent  "))).toHaveLength(5);
});

test("an unknown tenant ends it in words", async () => {
  const { exitCode, stdout, stderr } = await onboard({ args: ["nowhere.example"] });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: [] });
  expect(stderr[0]).toContain("knows no such tenant");
});

test("without any app registration it is wrong usage", async () => {
  const { exitCode, stderr } = await onboard({ env: { M365_CLIENT_ID: "", M365_CLIENT_SECRET: "" } });
  expect(exitCode).toBe(2);
  expect(stderr.at(-1)).toMatch(/^Usage: onboard-tenant/);
});

test("--help says that nothing is changed", async () => {
  const { exitCode, stdout } = await onboard({ args: ["--help"] });
  expect(exitCode).toBe(0);
  expect(stdout.join("\n")).toContain("It changes nothing");
});
