import { expect, test } from "vitest";
import { CORE_CHECKS, FindingsDocument, type VerdictLevel } from "../../../worker/findings/findings.ts";
import { judge } from "../../../worker/findings/investigate.ts";
import { contoso } from "../../sandbox/tenants/contoso.ts";
import type { SandboxUser } from "../../sandbox/tenants/tenant.ts";
import { artifact } from "./artifacts.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const TENANT = contoso(NOW);

function userOf(upn: string): SandboxUser {
  const user = TENANT.users.find(({ user }) => user.userPrincipalName === upn);
  if (user === undefined) throw new Error(`Expected the sandbox to have ${upn}`);
  return user;
}

/** What a complete toolkit would leave, under names that say nothing. */
function judgeUser({ user, directoryRoles, mailbox, signIns }: SandboxUser) {
  const list = (fragment: string, value: unknown) => ({
    "@odata.context": `https://graph.microsoft.com/v1.0/$metadata#${fragment}`,
    value,
  });
  const ofMailbox =
    mailbox === undefined
      ? []
      : [
          artifact("4", list("users('x')/mailFolders('inbox')/messageRules", mailbox.inboxRules)),
          artifact("5", list("users('x')/mailFolders", mailbox.folders)),
        ];
  return judge({
    artifacts: [
      artifact("0", list("auditLogs/signIns", signIns)),
      artifact("1", user),
      artifact("2", list("directoryRoles", directoryRoles)),
      artifact("3", list("domains", TENANT.domains)),
      artifact("6", list("oauth2PermissionGrants", [])),
      ...ofMailbox,
    ],
    run: {
      id: "ix-1",
      kind: "user",
      tenant: { id: TENANT.id, domain: "contoso.com" },
      target: user.userPrincipalName,
      started: new Date(NOW - 20_000).toISOString(),
      window_days: 7,
      requested_by: "discord:1",
      toolkit: { name: "test", version: "1" },
    },
    now: new Date(NOW),
  });
}

test.for<[title: string, upn: string, level: VerdictLevel]>([
  ["the compromised user is confirmed", "adele@contoso.com", "confirmed"],
  [
    "the clean user shows no evidence, for all her travel and newsletters",
    "megan@contoso.com",
    "no_evidence",
  ],
  ["a mailbox on premises leaves no answer", "alex@contoso.com", "inconclusive"],
  ["inbox rules with confusing names are judged by what they do", "hostile@contoso.com", "likely"],
])("%s", ([, upn, level]) => {
  const document = judgeUser(userOf(upn));
  expect(document.verdict.level).toBe(level);
  expect(FindingsDocument.parse(document)).toEqual(document);
});

test("the clean user's core checks are all ok, and no finding of hers is above info", () => {
  const { coverage, findings } = judgeUser(userOf("megan@contoso.com"));
  const core = coverage.filter(({ check }) => CORE_CHECKS.includes(check));
  expect(core.map(({ status, truncated }) => [status, truncated])).toEqual(
    CORE_CHECKS.map(() => ["ok", false]),
  );
  expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
});

test("hostile names give the same findings and verdict as harmless ones", () => {
  const user = userOf("hostile@contoso.com");
  const { mailbox } = user;
  if (mailbox === undefined) throw new Error("Expected the hostile user to have a mailbox");
  const inboxRules = mailbox.inboxRules.map((rule, index) => ({ ...rule, displayName: `Harmless ${index}` }));
  const harmless = judgeUser({ ...user, mailbox: { ...mailbox, inboxRules } });
  const hostile = judgeUser(user);
  expect(hostile.verdict).toEqual(harmless.verdict);
  expect(hostile.findings.map(({ id, severity }) => [id, severity])).toEqual(
    harmless.findings.map(({ id, severity }) => [id, severity]),
  );
});

test("the same evidence gives the same document", () => {
  expect(judgeUser(userOf("adele@contoso.com"))).toEqual(judgeUser(userOf("adele@contoso.com")));
});
