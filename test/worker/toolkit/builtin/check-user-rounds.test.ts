import { afterEach, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "./sandbox-run.ts";

// How long a run takes is a matter of who waits for whom, so that is what is held here; the bench has the seconds.

let sandbox: Sandbox;
afterEach(() => sandbox.close());

/** What a request is for, in one word; the first that fits. */
const LABELS: [label: string, line: RegExp][] = [
  ["token", /\/token$/],
  ["rules", /messageRules/],
  ["sent", /sentitems/],
  ["deleted", /deleteditems/],
  ["recoverable", /recoverableitemsdeletions/],
  ["folders", /mailFolders\?/],
  ["folder", /mailFolders\//],
  ["domains", /\/domains/],
  ["roles", /memberOf/],
  ["grants", /oauth2PermissionGrants/],
  ["assignments", /appRoleAssignments/],
  ["apps", /servicePrincipals/],
  ["methods", /authentication\/methods/],
  ["other-sign-ins", /signIns.*nonInteractiveUser/],
  ["sign-ins", /signIns/],
  ["risky-user", /riskyUsers/],
  ["detections", /riskDetections/],
  ["audits", /directoryAudits/],
  ["exchange", /InvokeCommand/],
  ["user", /\/users\/[^/?]+\?/],
];
const labelOf = (line: string) => LABELS.find(([, pattern]) => pattern.test(line))?.[0] ?? line;

/** Keeps every answer back until it is told to let them go. */
function createGate() {
  const held: { label: string; release: () => void }[] = [];
  return {
    hold: (line: string) =>
      new Promise<void>((release) => {
        held.push({ label: labelOf(line), release });
      }),
    labels: () => held.map(({ label }) => label).sort(),
    letGo: () => {
      for (const { release } of held.splice(0)) release();
    },
  };
}

const ROUNDS = [
  ["token"],
  [
    ...["user", "roles", "domains", "grants", "assignments", "methods", "token"],
    // Four at a time for mailboxes; who is followed by something else stands first.
    ...["rules", "folders", "sent", "deleted"],
  ],
  [
    ...["apps", "folder", "recoverable", "exchange", "exchange", "exchange"],
    ...["sign-ins", "audits", "audits", "risky-user"],
  ],
  ["other-sign-ins", "detections"],
];

test("four rounds of answers are all that the longest chain of ten checks waits for", async () => {
  const gate = createGate();
  sandbox = await openSandbox({ pageSize: 1000, beforeAnswer: gate.hold });
  const running = sandbox.checkUser("adele@contoso.com");
  for (const round of ROUNDS) {
    await expect.poll(gate.labels, { timeout: 20_000 }).toEqual([...round].sort());
    gate.letGo();
  }
  const run = await running;
  expect(new Set(run.coverage.map(({ status }) => status))).toEqual(new Set(["ok"]));
  // The second between the two requests to identity protection, which no arrangement saves.
  expect(run.waits).toEqual([1000]);
});

test.each([
  ["a compromised user", "adele@contoso.com"],
  ["an ordinary user", "megan@contoso.com"],
  ["a tenant with P1", "nancy@northwind.com"],
  ["a tenant without premium", "pat@fabrikam.com"],
])("%s: no more requests than Microsoft lets through at once", async (_what, upn) => {
  sandbox = await openSandbox({ pageSize: 1000 });
  await sandbox.checkUser(upn);
  const asked = (pattern: RegExp) => sandbox.graph.requests.filter(({ url }) => pattern.test(url)).length;
  expect(asked(/auditLogs/)).toBeLessThanOrEqual(5);
  expect(asked(/identityProtection/)).toBeLessThanOrEqual(2);
  expect(sandbox.graph.requests.filter(({ status }) => status === 429)).toEqual([]);
  expect(sandbox.graph.violations).toEqual([]);
});
