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

test.for<[title: string, check: Finding["check"], rule: string, severity: Severity, expected: number]>([
  ["a mailbox that forwards outside", "mailbox_forwarding", "mailbox-forward", "high", 1],
  ["a forwarding that was set", "mailbox_forwarding", "forwarding-set", "high", 1],
  ["a forwarding to a directory entry", "mailbox_forwarding", "mailbox-forward", "low", 0],
  ["access for a colleague", "mailbox_forwarding", "mailbox-access-given", "high", 0],
  ["an app known from break-ins", "oauth_consents", "abused-app", "critical", 1],
  ["a good product that is also abused", "oauth_consents", "abused-app", "high", 0],
  ["an inbox rule that was made and is gone", "inbox_rules", "vanished-inbox-rule", "high", 1],
  ["an inbox rule that merely changed around it", "inbox_rules", "inbox-rule-changed", "high", 0],
  ["a new sign-in method, which counts the sign-in already", "auth_methods", "new-sign-in-method", "high", 0],
])("of a foreign sign-in and %s, %s %s %s make %i takeovers", ([, check, rule, severity, expected]) => {
  const findings = [found("signins", "foreign-sign-in", "medium"), found(check, rule, severity)];
  expect(takeover(findings)).toHaveLength(expected);
});

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

test.for<[check: Finding["check"], rule: string, title: string]>([
  ["inbox_rules", "hidden-mail", "A doubtful sign-in and a harmful inbox rule together"],
  ["mailbox_forwarding", "mailbox-forward", "A doubtful sign-in and a forwarding together"],
  ["oauth_consents", "abused-app", "A doubtful sign-in and an app known from break-ins together"],
])("the title names what was left behind in %s", ([check, rule, title]) => {
  const findings = [found("signins", "foreign-sign-in", "high"), found(check, rule, "critical")];
  expect(takeover(findings).map((finding) => finding.title)).toEqual([title]);
});
