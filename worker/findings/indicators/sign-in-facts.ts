/**
 * Error codes of sign-ins by what they tell an investigator.
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */

/** The password was right, and MFA or Conditional Access stopped the sign-in. */
export const STOPPED_AFTER_PASSWORD: ReadonlySet<number> = new Set([50074, 50076, 50079, 53003, 500121]);

/** The second factor was asked for and refused, or not answered. */
export const MFA_REFUSED = 500121;

export const WRONG_PASSWORD = 50126;

/** Too many wrong passwords, or an address that Microsoft knows for it. */
export const LOCKED_OUT = 50053;

/** A password was tried: wrong, or for an account that is unknown, disabled or locked. */
export const TRIED: ReadonlySet<number> = new Set([WRONG_PASSWORD, LOCKED_OUT, 50034, 50056, 50057, 50064]);

/**
 * Values of `clientAppUsed` whose protocols know no second factor.
 * @see https://learn.microsoft.com/en-us/entra/identity/conditional-access/policy-block-legacy-authentication
 */
export const LEGACY_CLIENTS: readonly string[] = [
  "Authenticated SMTP",
  "AutoDiscover",
  "Exchange ActiveSync",
  "Exchange Online PowerShell",
  "Exchange Web Services",
  "IMAP",
  "IMAP4",
  "MAPI Over HTTP",
  "Offline Address Book",
  "Other clients",
  "Outlook Anywhere (RPC over HTTP)",
  "POP",
  "POP3",
  "Reporting Web Services",
  "SMTP",
];

/**
 * How phishing kits that relay the victim's sign-in (adversary in the middle) name themselves: they are Node.js
 * programs that forgot to say otherwise.
 * @see https://github.com/elastic/detection-rules (Entra ID Potential AiTM Sign-In via OfficeHome, Tycoon2FA)
 * @see https://www.proofpoint.com/us/blog/threat-insight/http-client-tools-exploitation-account-takeover-attacks
 */
export const KIT_USER_AGENTS: readonly RegExp[] = [/^node(-fetch)?\b/i, /^axios\b/i, /^undici\b/i];

/** The applications that those kits sign in to. */
export const KIT_APPS: ReadonlyMap<string, string> = new Map([
  ["4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome"],
  ["29d9ed98-a469-4536-ade2-f981bc1d605e", "Microsoft Authentication Broker"],
]);
