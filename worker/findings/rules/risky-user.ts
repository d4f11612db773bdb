import type { Evidence } from "../evidence.ts";
import { bySeverity, createDatedFinding, evidenceItem, quote, type Window } from "../finding.ts";
import type { Finding, Severity } from "../findings.ts";
import { GRAVE_DETECTIONS } from "../indicators/risk-detections.ts";
import type { Risk } from "../risk.ts";
import { SETTLED } from "./risky-sign-in.ts";
import { listed } from "./sign-in-traits.ts";

/**
 * Repeats Microsoft's own judgement of the account and what it rests on. "hidden" and values that did not exist
 * yesterday are unknown: they accuse nobody, and a gap names them.
 * @see https://learn.microsoft.com/en-us/entra/id-protection/concept-identity-protection-risks
 */
export function riskyUser({ risks }: Evidence, window: Window): Finding[] {
  const rated = risks
    .flatMap((risk) => {
      const severity = rate(risk);
      return severity === undefined ? [] : [{ risk, severity }];
    })
    .sort(bySeverity);
  const [worst] = rated;
  if (worst === undefined) return [];
  const { severity } = worst;
  const alike = rated.filter((each) => each.severity === severity).map(({ risk }) => risk);
  const isConfirmed = severity === "critical";
  return [
    createDatedFinding(
      {
        check: "risk",
        rule: isConfirmed ? "confirmed-compromised" : "risky-user",
        key: "account",
        severity,
        title: isConfirmed
          ? "The account is confirmed compromised"
          : "Microsoft rates the account as at risk",
        why: isConfirmed
          ? "Somebody, or Microsoft, has marked this account as confirmed compromised."
          : `Entra ID Protection reports ${listed([...new Set(alike.map(inWords))])}.`,
        evidence: rated.map(({ risk }) =>
          evidenceItem(risk, { type: risk.type, level: risk.level, state: risk.state, ip: risk.ip }, risk.at),
        ),
        attack: ["T1078.004"],
        recommendation: isConfirmed
          ? {
              action: "block_sign_in",
              text: "Block sign-in, reset the password and revoke sessions.",
              reversible: true,
            }
          : {
              action: "review_risk",
              text: "Look at the risk in the Entra admin centre, and settle it there once it is explained.",
              reversible: true,
            },
      },
      alike.map(({ at }) => at),
      window,
    ),
  ];
}

function rate({ type, level, state }: Risk): Severity | undefined {
  if (state === "confirmedCompromised") return "critical";
  if (state === "none" || SETTLED.has(state ?? "")) return undefined;
  if (level === "high") return "high";
  if (level === "medium") return GRAVE_DETECTIONS.includes(type) ? "medium" : "low";
  return level === "low" ? "low" : undefined;
}

function inWords({ type, level }: Risk): string {
  return type === "riskyUser" ? `${level} risk for the user` : `"${quote(type)}" (${level})`;
}
