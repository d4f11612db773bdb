import type { Evidence } from "../evidence.ts";
import { auditEvidence, createDatedFinding, evidenceItem, isSince, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { actorOf, eventsOf } from "./audit-traits.ts";
import { DAY } from "./sign-in-traits.ts";

/** New colleagues get a pass to set up their first telephone. */
const ONBOARDING = 30 * DAY;

/**
 * Flags a Temporary Access Pass made in the window: whoever has it signs in without the password and without the
 * second factor. For an account that is days old it is how one begins.
 * @see https://github.com/elastic/detection-rules (Temporary Access Pass created, high)
 * @see https://learn.microsoft.com/en-us/entra/identity/authentication/howto-authentication-temporary-access-pass
 */
export function temporaryAccessPass(evidence: Evidence, window: Window): Finding[] {
  const passes = evidence.authMethods.filter(
    ({ type, createdAt }) =>
      type === "temporaryAccessPass" && (createdAt === undefined || isSince(window, createdAt)),
  );
  const events = eventsOf(evidence, ["temporary-access-pass"], window);
  const times = [...events.map(({ at }) => at), ...passes.map(({ createdAt }) => createdAt)];
  if (passes.length + events.length === 0) return [];

  const createdAt = evidence.account?.createdAt;
  const madeAt = Math.min(...times.flatMap((at) => at ?? []), window.end);
  const isNew = createdAt !== undefined && madeAt - createdAt <= ONBOARDING;
  const [event] = events;
  const by = event === undefined ? "" : ` by ${actorOf(event)}`;
  return [
    createDatedFinding(
      {
        check: "auth_methods",
        rule: "temporary-access-pass",
        key: "pass",
        severity: isNew ? "low" : "high",
        title: "Temporary Access Pass",
        why: `A pass was made${by} with which one signs in without password and second factor${isNew ? "; the account is new, as when a colleague begins" : ""}.`,
        evidence: [
          ...events.map(auditEvidence),
          ...passes.map((pass) => evidenceItem(pass, { type: pass.type }, pass.createdAt)),
        ],
        attack: ["T1098", "T1556.006"],
        recommendation: {
          action: "remove_sign_in_method",
          text: "Ask whoever made the pass, by phone, for whom it was; if nobody knows, delete it and revoke sessions.",
          reversible: false,
        },
      },
      times,
      window,
    ),
  ];
}
