import type { Account } from "../account.ts";
import type { Evidence } from "../evidence.ts";
import { createFinding, quote } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { listed } from "./sign-in-traits.ts";

/**
 * What about the account changes the next steps, though it accuses nobody: it is disabled, holds a directory role, or
 * is a copy of an account in the customer's Active Directory.
 */
export function accountFacts({ account, roles }: Evidence): Finding[] {
  const findings: Finding[] = [];
  if (roles.length > 0) {
    findings.push(
      createFinding({
        check: "account_state",
        rule: "privileged-account",
        key: roles
          .map(({ name }) => name)
          .toSorted()
          .join(),
        severity: "info",
        title: "The account holds directory roles",
        why: `It holds ${listed(roles.map(({ name }) => quote(name)))}, so whoever uses it can reach further than one mailbox.`,
        evidence: roles
          .slice(0, 20)
          .map(({ source, name }) => ({ ...source, fields: { displayName: quote(name) } })),
        attack: [],
        recommendation: {
          action: "two_people",
          text: "Take containment steps with a second administrator, and look at the whole tenant if the account is compromised.",
          reversible: true,
        },
      }),
    );
  }
  if (account?.syncedFromAd === true) findings.push(syncedAccount(account));
  if (account?.enabled === false) findings.push(disabledAccount(account));
  return findings;
}

function syncedAccount({ source }: Account): Finding {
  return createFinding({
    check: "account_state",
    rule: "synced-account",
    key: "synced",
    severity: "info",
    title: "The account comes from Active Directory",
    why: "It is synchronised from the customer's own Active Directory, which overwrites a block or password set in the cloud.",
    evidence: [{ ...source, fields: { onPremisesSyncEnabled: true } }],
    attack: [],
    recommendation: {
      action: "act_on_premises",
      text: "Block the account and reset its password in Active Directory as well.",
      reversible: true,
    },
    links: ["https://learn.microsoft.com/en-us/entra/identity/users/users-revoke-access"],
  });
}

function disabledAccount({ source }: Account): Finding {
  return createFinding({
    check: "account_state",
    rule: "disabled-account",
    key: "disabled",
    severity: "info",
    title: "Sign-in is blocked already",
    why: "The account is disabled, so nobody can begin a new session with it; sessions that were open may last about an hour.",
    evidence: [{ ...source, fields: { accountEnabled: false } }],
    attack: [],
    recommendation: {
      action: "revoke_sessions",
      text: "Revoke sessions if that has not been done.",
      reversible: false,
    },
    links: ["https://learn.microsoft.com/en-us/entra/identity/users/users-revoke-access"],
  });
}
