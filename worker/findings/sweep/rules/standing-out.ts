import type { Window } from "../../finding.ts";
import type { Severity } from "../../findings.ts";
import { countryName, listed, times } from "../../rules/sign-in-traits.ts";
import type { Trait, TraitGroup } from "../sign-in-groups.ts";
import type { TenantEvidence } from "../tenant-evidence.ts";
import { createTenantFinding, type TenantFinding } from "../tenant-finding.ts";

interface Meaning {
  /** The rule's name; two are those of a user's investigation, since they mean the same. */
  rule: string;
  severity: (group: TraitGroup) => Severity;
  /** Goes on after "adele@contoso.com ". */
  title: string;
  how: string;
  attack: string[];
  cure: string;
}

const BLOCK = "Block sign-in, reset the password and revoke sessions, then run /breach-check.";
const BY_CODE = (group: TraitGroup) =>
  group.foreign ? "high" : group.from_ordinary_network ? "low" : "medium";

const MEANINGS: Readonly<Record<Trait, Meaning>> = {
  "confirmed-compromised": {
    rule: "confirmed-compromised",
    severity: () => "critical",
    title: "has a sign-in that is confirmed as compromised",
    how: "in a sign-in that Microsoft or an administrator has marked as compromised",
    attack: ["T1078.004"],
    cure: BLOCK,
  },
  "phishing-kit": {
    rule: "phishing-kit",
    severity: () => "critical",
    title: "signed in through a phishing kit",
    how: "with the user agent of a program that relays sign-ins to an application that only browsers open",
    attack: ["T1557", "T1539"],
    cure: BLOCK,
  },
  "high-risk": {
    rule: "risky-sign-in",
    severity: () => "high",
    title: "signed in at high risk, as Microsoft rates it",
    how: "at high risk",
    attack: ["T1078.004"],
    cure: BLOCK,
  },
  "device-code": {
    rule: "device-code",
    severity: BY_CODE,
    title: "signed in by device code",
    how: "by the device code flow, which phishers use to get a session",
    attack: ["T1528", "T1566"],
    cure: "Ask the user whether they entered a code then; if not, block sign-in and revoke sessions.",
  },
  ropc: {
    rule: "ropc",
    severity: BY_CODE,
    title: "signed in by a password handed to a program (ROPC)",
    how: "by a flow that skips MFA",
    attack: ["T1078.004"],
    cure: "Find the program behind it, and move it to another flow.",
  },
  legacy: {
    rule: "legacy-client",
    severity: ({ foreign }) => (foreign ? "high" : "low"),
    title: "signed in with a legacy protocol",
    how: "with a protocol that knows no second factor",
    attack: ["T1078.004"],
    cure: "Find the device or program behind it, and block legacy authentication once it is replaced.",
  },
};

/** Flags sign-ins that stand out by themselves, one finding for each account and country; those at home together. */
export function standingOut({ signIns, signInSource }: TenantEvidence, window: Window): TenantFinding[] {
  const rated = signIns.traits.map((group, index) => {
    const meaning = MEANINGS[group.trait];
    return { group, index, meaning, severity: meaning.severity(group) };
  });
  const single = rated.filter(({ severity }) => severity !== "low");
  const ordinary = rated.filter(({ severity }) => severity === "low");
  return [
    ...single.map(({ group, index, meaning, severity }) =>
      createTenantFinding(
        {
          check: "signins",
          rule: meaning.rule,
          key: `${group.user} ${group.country}`,
          severity,
          confidence: severity === "critical" ? "high" : "medium",
          title: `${group.user} ${meaning.title}`,
          why: `Signed in ${times(group.count)} ${meaning.how}, from ${group.example.ip ?? "an unknown address"} in ${countryName(group.country ?? undefined)}.`,
          evidence: [
            {
              ...signInSource,
              path: `${signInSource.path}.traits[${index}]`,
              fields: { ...group, ...group.example },
            },
          ],
          span: group,
          attack: meaning.attack,
          recommendation: {
            action: severity === "medium" ? "review_sign_in" : "block_sign_in",
            text: `${group.user}: ${meaning.cure}`,
            reversible: true,
          },
          suspects: severity === "medium" ? [] : [group.user],
        },
        window,
      ),
    ),
    ...[...new Set(ordinary.map(({ meaning }) => meaning))].map((meaning) => {
      const groups = ordinary.filter((each) => each.meaning === meaning).map(({ group }) => group);
      const users = [...new Set(groups.map(({ user }) => user))];
      return createTenantFinding(
        {
          check: "signins",
          rule: meaning.rule,
          key: "ordinary",
          severity: "low",
          title: `${users.length} ${users.length === 1 ? "account" : "accounts"} ${meaning.title}`,
          why: `${listed(users)} did so ${meaning.how}, from where the tenant's people are.`,
          evidence: groups.map((group) => ({ ...signInSource, fields: { ...group, ...group.example } })),
          span: signIns,
          attack: meaning.attack,
          recommendation: { action: "review_sign_in", text: meaning.cure, reversible: true },
        },
        window,
      );
    }),
  ];
}
