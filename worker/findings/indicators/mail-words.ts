/**
 * What attackers make inbox rules look for, so that the victim doesn't see the answers to their invoices or the
 * warnings about their own sign-ins. Facts from these lists, in our own arrangement (read 2026-11-22):
 * @see https://github.com/Azure/Azure-Sentinel (BEC_MailboxRule, Malicious_Inbox_Rule)
 * @see https://github.com/elastic/detection-rules (Microsoft 365 inbox rules)
 * @see https://github.com/bitpusher2k/M365IRScripts
 *
 * A word is matched at its beginning: "invoic" finds "Invoices" and "invoicing". A word that ends in "." here is
 * matched whole: "ach." finds "ACH payment" and not "achieve".
 */
interface WordList {
  topic: "money" | "security";
  /**
   * "telling" words have little reason to stand in a rule that hides mail. "common" ones do, such as a server's
   * "alert", and count only together with something else. "spam" is not listed at all: people hide spam.
   */
  weight: "telling" | "common";
  words: readonly string[];
}

export const MAIL_WORDS: readonly WordList[] = [
  {
    topic: "money",
    weight: "telling",
    words: [
      "invoic",
      "payment",
      "payroll",
      "paycheck",
      "pay check",
      "direct deposit",
      "wire transfer",
      "bank transfer",
      "bank statement",
      "bank detail",
      "bank account",
      "account detail",
      "routing number",
      "iban.",
      "remit",
      "pro-forma",
      "proforma",
      "rechnung",
      "zahlung",
      "überweisung",
      "banküberweisung",
      "bankuberweisung",
      "paiement",
      "virement",
      "facture",
      "factura",
      "platnosc",
      "płatność",
    ],
  },
  {
    topic: "security",
    weight: "telling",
    words: [
      "phish",
      "hack",
      "hijack",
      "malware",
      "malicious",
      "suspicious",
      "scam",
      "fraud",
      "compromised",
      "do not click",
      "do not open",
      "unusual sign-in",
      "unusual activity",
      "security alert",
      "security info",
      "verification code",
      "password reset",
      "reset your password",
      "multi-factor",
      "multifactor",
      "mfa.",
      "2fa.",
    ],
  },
  {
    topic: "money",
    weight: "common",
    words: [
      "transfer",
      "wire",
      "deposit",
      "purchase",
      "closing",
      "funds",
      "bank",
      "ach.",
      "po#",
      "w2.",
      "w-2.",
      "venmo",
      "zelle",
      "crypto",
      "docusign",
    ],
  },
  {
    topic: "security",
    weight: "common",
    words: [
      "alert",
      "security",
      "helpdesk",
      "help desk",
      "login",
      "unusual",
      "protection",
      "reset",
      "fake",
      "fatal",
      "undeliverable",
    ],
  },
];

/** Parts of the addresses from which Microsoft warns about an account, and from which bounced mail comes. */
export const SENDERS: readonly WordList[] = [
  {
    topic: "security",
    weight: "telling",
    words: ["account-security-noreply", "msonlineservicesteam", "azure-noreply"],
  },
  { topic: "security", weight: "common", words: ["mailer-daemon", "postmaster", "microsoftexchange"] },
];
