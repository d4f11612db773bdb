/**
 * Words of the subjects by which Microsoft tells people of changes to their own sign-in, and parts of the addresses
 * that it writes from. Attackers delete this mail before its owner reads it.
 * @see https://github.com/elastic/detection-rules (MFA notification email deleted or moved, low)
 */
export const NOTIFICATION_SUBJECTS: readonly string[] = [
  "new mfa",
  "security info",
  "authenticator",
  "multi-factor authentication",
  "multifactor authentication",
  "new sign-in method",
  "unusual sign-in",
  "password was changed",
  "password reset",
  "sicherheitsinformationen",
  "informations de sécurité",
];

export const NOTIFICATION_SENDERS: readonly string[] = [
  "msonlineservicesteam@",
  "account-security-noreply@",
  "microsoft-noreply@microsoft.com",
  "azure-noreply@microsoft.com",
  "no-reply@microsoft.com",
  "mfa@",
];
