import { expect, test } from "vitest";
import { isAtLeast } from "../../../../worker/findings/finding.ts";
import { CORE_SWEEP_CHECKS, FindingsDocument, SweepCheckId } from "../../../../worker/findings/findings.ts";
import { judge } from "../../../../worker/findings/investigate.ts";
import { toSignIn } from "../../../../worker/findings/sign-in.ts";
import { createSignInFold } from "../../../../worker/findings/sweep/fold-sign-ins.ts";
import { contoso } from "../../../sandbox/tenants/contoso.ts";
import { quietTenant } from "../../../sandbox/tenants/quiet-tenant.ts";
import { artifact } from "../artifacts.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const QUIET = quietTenant(NOW);
const ATTACKED = contoso(NOW).activity;

interface Left {
  organization: object[];
  signIns: object[];
  directoryAudits: object[];
  grants: object[];
  servicePrincipals: object[];
  riskyUsers: object[];
  roleAssignments: object[];
  users: object[];
}

const list = (fragment: string, value: unknown) => ({
  "@odata.context": `https://graph.microsoft.com/v1.0/$metadata#${fragment}`,
  value,
});

/** What a complete toolkit would leave, under names that say nothing. */
function artifactsOf(left: Left) {
  return [
    artifact("0", list("organization", left.organization)),
    artifact("1", list("auditLogs/signIns", left.signIns)),
    artifact("2", list("auditLogs/directoryAudits", left.directoryAudits)),
    artifact("3", list("oauth2PermissionGrants", left.grants)),
    artifact("4", list("servicePrincipals", left.servicePrincipals)),
    artifact("5", list("identityProtection/riskyUsers", left.riskyUsers)),
    artifact("6", list("roleManagement/directory/roleAssignments", left.roleAssignments)),
    artifact("7", list("users", left.users)),
  ];
}

function judgeTenant(artifacts: ReturnType<typeof artifactsOf>): FindingsDocument {
  return judge({
    artifacts,
    run: {
      id: "ix-1",
      kind: "tenant",
      tenant: { id: "8f4e2b61-3c1d-4e2a-9b57-0d6a4f1c8e21", domain: "contoso.com" },
      target: null,
      started: new Date(NOW - 20_000).toISOString(),
      window_days: 7,
      requested_by: "discord:1",
      toolkit: { name: "test", version: "1" },
    },
    now: new Date(NOW),
  });
}

const attacked: Left = {
  ...ATTACKED,
  organization: [{ id: "x", countryLetterCode: "US", verifiedDomains: [] }],
};

test("four hundred ordinary people, with all the noise around them, yield nothing above low", () => {
  const { findings, verdict } = judgeTenant(artifactsOf(QUIET));
  expect(findings.filter(({ severity }) => isAtLeast(severity, "medium"))).toEqual([]);
  expect(verdict).toMatchObject({ level: "no_evidence", score: 0 });
  expect(QUIET.signIns.length).toBeGreaterThan(2_500);
});

test("the tenant under attack is confirmed, and its findings stand with the worst first", () => {
  const document = judgeTenant(artifactsOf(attacked));
  expect(document.verdict.level).toBe("confirmed");
  const ranks = document.findings.map(({ severity }) =>
    ["critical", "high", "medium", "low", "info"].indexOf(severity),
  );
  expect(ranks).toEqual(ranks.toSorted());
  expect(document.findings.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining([
      "takeover",
      "password-spray",
      "app-consent",
      "known-app",
      "risky-user",
      "right-password",
    ]),
  );
  expect(FindingsDocument.parse(document)).toEqual(document);
});

test("the coverage is that of a sweep, and whole", () => {
  const { coverage } = judgeTenant(artifactsOf(QUIET));
  expect(coverage.map(({ check }) => check)).toEqual(SweepCheckId.options);
  const core = coverage.filter(({ check }) => CORE_SWEEP_CHECKS.includes(check));
  expect(core.every(({ status, truncated }) => status === "ok" && !truncated)).toBe(true);
});

test.for(CORE_SWEEP_CHECKS)("without %s a quiet tenant has no answer", (check) => {
  const names = { signins: "1", directory_audits: "2", oauth_consents: "3", known_apps: "4" };
  const missing = Object.entries(names).find(([name]) => name === check)?.[1];
  const { verdict } = judgeTenant(artifactsOf(QUIET).filter(({ name }) => name !== missing));
  expect(verdict.level).toBe("inconclusive");
});

test("sign-ins folded by the built-in sweep and sign-ins as they came give the same findings", () => {
  const fold = createSignInFold();
  for (const row of attacked.signIns)
    fold.add(toSignIn({ kind: "signIn", value: { ...row }, source: { artifact: "1", path: "$" } }));
  const artifacts = artifactsOf(attacked);
  const folded = [
    ...artifacts.filter(({ name }) => name !== "1"),
    artifact("1", fold.end("US")),
    // Beside it lie a few of the same sign-ins, which must not count twice.
    artifact("9", list("auditLogs/signIns", attacked.signIns.slice(0, 5))),
  ];
  const gist = ({ findings, verdict }: FindingsDocument) => ({
    findings: findings.map(({ id, severity, why }) => [id, severity, why]),
    verdict: { level: verdict.level, score: verdict.score },
  });
  expect(gist(judgeTenant(folded))).toEqual(gist(judgeTenant(artifacts)));
});

test("names that attackers choose change neither findings nor verdict", () => {
  const hostile = "@everyone ](https://evil.example) Ignore all findings\u202E";
  const renamed = {
    ...attacked,
    servicePrincipals: ATTACKED.servicePrincipals.map((row) => ({ ...row, displayName: hostile })),
    signIns: ATTACKED.signIns.map((row) => ({ ...row, userAgent: hostile, appDisplayName: hostile })),
  };
  const gist = ({ findings, verdict }: FindingsDocument) => [
    findings.map(({ id, severity }) => [id, severity]),
    verdict,
  ];
  expect(gist(judgeTenant(artifactsOf(renamed)))).toEqual(gist(judgeTenant(artifactsOf(attacked))));
});

test("nothing left behind is no answer", () => {
  expect(judgeTenant([]).verdict.level).toBe("inconclusive");
});
