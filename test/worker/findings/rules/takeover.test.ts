import { expect, test } from "vitest";
import { createFinding } from "../../../../worker/findings/finding.ts";
import type { Finding, Severity } from "../../../../worker/findings/findings.ts";
import { takeover } from "../../../../worker/findings/rules/takeover.ts";

function found(check: Finding["check"], rule: string, severity: Severity): Finding {
  return createFinding({
    check,
    rule,
    key: rule,
    severity,
    title: rule,
    why: "",
    evidence: [],
    attack: [],
    recommendation: { action: "none", text: "", reversible: true },
  });
}

test.for<
  [title: string, entry: [rule: string, Severity] | undefined, trace: Severity | undefined, expected: number]
>([
  ["a foreign sign-in and a hiding inbox rule are a takeover", ["foreign-sign-in", "medium"], "high", 1],
  ["a phishing kit and a hiding inbox rule are one", ["phishing-kit", "critical"], "critical", 1],
  ["a guessed password and a hiding inbox rule are one", ["password-guessing", "high"], "high", 1],
  ["guessing without success is none", ["password-guessing", "low"], "critical", 0],
  ["a kit that was stopped is none", ["phishing-kit", "medium"], "critical", 0],
  ["MFA requests that were all refused are none", ["mfa-fatigue", "medium"], "critical", 0],
  ["a password that was stopped is none", ["stopped-after-password", "medium"], "critical", 0],
  ["travel on a managed computer is none", ["foreign-sign-in", "info"], "critical", 0],
  ["an odd inbox rule is too little", ["foreign-sign-in", "high"], "medium", 0],
  ["an entry alone is none", ["foreign-sign-in", "high"], undefined, 0],
  ["a trace alone is none", undefined, "critical", 0],
])("%s", ([, entry, trace, expected]) => {
  const findings = [
    ...(entry === undefined ? [] : [found("signins", ...entry)]),
    ...(trace === undefined ? [] : [found("inbox_rules", "hidden-mail", trace)]),
  ];
  expect(takeover(findings)).toHaveLength(expected);
});
