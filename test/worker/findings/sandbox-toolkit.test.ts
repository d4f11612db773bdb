import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { FindingsDocument, VerdictLevel } from "../../../worker/findings/findings.ts";
import { judge } from "../../../worker/findings/investigate.ts";
import { NOW, openSandbox } from "../toolkit/builtin/sandbox-run.ts";
import { artifactOf } from "./artifacts.ts";

/** What the built-in toolkit left about a user of the stand-in, judged. */
async function investigate(upn: string): Promise<FindingsDocument> {
  // One for each: in a folder of two users, what is about the first would be read of the second.
  const sandbox = await openSandbox();
  onTestFinished(() => sandbox.close());
  const tenantId = sandbox.tenant().id;
  await sandbox.checkUser(upn);
  const names = await sandbox.artifactNames();
  const artifacts = await Promise.all(
    names.map(async (name) =>
      artifactOf(name, await readFile(join(sandbox.artifactsFolder, tenantId, name))),
    ),
  );
  return judge({
    artifacts,
    run: {
      id: "ix-1",
      kind: "user",
      tenant: { id: tenantId, domain: "contoso.com" },
      target: upn,
      started: new Date(NOW).toISOString(),
      window_days: 7,
      requested_by: "discord:1",
      toolkit: { name: "built-in", version: "1" },
    },
    now: new Date(NOW + 60_000),
  });
}

test("of the compromised user the toolkit's ten checks tell the whole story", async () => {
  const { verdict, findings, unrecognised } = await investigate("adele@contoso.com");
  expect([verdict.level, verdict.confidence, unrecognised]).toEqual(["confirmed", "high", []]);
  const grave = findings.filter(({ severity }) => severity === "critical" || severity === "high");
  expect(grave.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual([
    "critical takeover",
    "critical hidden-mail",
    "critical hidden-mail",
    "critical external-forward",
    "critical mailbox-forward",
    "high foreign-sign-in",
    "high impossible-travel",
    "high risky-user",
    "high new-sign-in-method",
    "high overreaching-app",
    "high sent-burst",
    "high deleted-notifications",
  ]);
});

test.for<[title: string, upn: string, level: VerdictLevel]>([
  ["the clean user, who has a new telephone and was abroad,", "megan@contoso.com", "no_evidence"],
  ["a user whose password was reset by the administrator", "m.o'neil@contoso.com", "no_evidence"],
  ["a mailbox on premises", "alex@contoso.com", "inconclusive"],
])("%s ends without a finding above low", async ([, upn, level]) => {
  const { verdict, findings } = await investigate(upn);
  expect(findings.filter(({ severity }) => severity !== "low" && severity !== "info")).toEqual([]);
  expect(verdict.level).toBe(level);
});
