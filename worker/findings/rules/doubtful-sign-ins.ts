import type { Evidence } from "../evidence.ts";
import { isAtLeast } from "../finding.ts";
import type { SignIn } from "../sign-in.ts";
import { rateForeign } from "./foreign-sign-in.ts";
import { kitSeverity } from "./phishing-kit.ts";
import { SETTLED } from "./risky-sign-in.ts";
import { HOUR, isForeign, knownDevices } from "./sign-in-traits.ts";

/**
 * Successful sign-ins that need not have been the user's: through a phishing kit, at a risk that nobody has settled,
 * or from abroad on a device that isn't the user's. Much that is ordinary by itself counts when one of these is near.
 */
function doubtfulSignIns(evidence: Evidence): SignIn[] {
  const { signIns, home } = evidence;
  const known = knownDevices(evidence);
  return signIns.filter(
    (signIn) =>
      signIn.succeeded &&
      (kitSeverity(signIn) === "critical" ||
        isRisky(signIn) ||
        (isForeign(signIn, home) && isAtLeast(rateForeign(signIn, known).severity, "medium"))),
  );
}

function isRisky({ riskLevel, riskState }: SignIn): boolean {
  return (riskLevel === "medium" || riskLevel === "high") && !SETTLED.has(riskState ?? "");
}

/** @see https://github.com/Azure/Azure-Sentinel (hunting query: new sign-in method within six hours of a risky sign-in) */
const NEAR = 6 * HOUR;

interface Happening {
  at: number | undefined;
  ip?: string | undefined;
}

/**
 * The doubtful sign-in that lies within six hours of something, or came from the very address that did it: that of the
 * first such thing.
 */
export function doubtfulNear(
  evidence: Evidence,
  happenings: readonly Happening[],
  { before = NEAR, after = NEAR } = {},
): SignIn | undefined {
  // Once for all of them: a burst has thousands of mails, and a log thousands of sign-ins.
  const doubtful = doubtfulSignIns(evidence);
  const nearOf = ({ at, ip }: Happening) =>
    doubtful.find(
      (signIn) =>
        (ip !== undefined && signIn.ip === ip) ||
        (at !== undefined && signIn.at !== undefined && signIn.at - at <= after && at - signIn.at <= before),
    );
  for (const happening of happenings) {
    const near = nearOf(happening);
    if (near !== undefined) return near;
  }
  return undefined;
}
