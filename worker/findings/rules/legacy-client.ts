import type { Evidence } from "../evidence.ts";
import { createSignInFinding, quote, type Window } from "../finding.ts";
import type { Finding } from "../findings.ts";
import { isForeign, isLegacy, listed, times } from "./sign-in-traits.ts";

/**
 * Mentions successful sign-ins with a protocol that knows no second factor. At home that is mostly a scanner or an
 * old phone, so it is low; from abroad foreign-sign-in rates it.
 * @see https://learn.microsoft.com/en-us/entra/identity/conditional-access/policy-block-legacy-authentication
 */
export function legacyClient({ signIns, home }: Evidence, window: Window): Finding[] {
  const legacy = signIns.filter((signIn) => signIn.succeeded && isLegacy(signIn) && !isForeign(signIn, home));
  if (legacy.length === 0) return [];
  const clients = [...new Set(legacy.map(({ clientApp }) => quote(clientApp ?? "")))];
  return [
    createSignInFinding(
      {
        rule: "legacy-client",
        key: clients.toSorted().join(),
        severity: "low",
        title: "Sign-ins that bypass MFA",
        why: `Signed in ${times(legacy.length)} with ${listed(clients)}, which know no second factor.`,
        attack: ["T1078.004"],
        recommendation: {
          action: "review_sign_in",
          text: "Find the device or program behind it, and block legacy authentication once it is replaced.",
          reversible: true,
        },
      },
      legacy,
      window,
    ),
  ];
}
