/**
 * Each pattern is bounded or anchored: a script can print whatever it likes, and redacting that must stay linear.
 * Patterns, not keys: error objects carry secrets inside URLs, headers and messages, where no key path
 * reaches (`DiscordAPIError.url` holds the interaction token).
 */
const SECRETS: readonly [pattern: RegExp, replacement: string][] = [
  // https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
  [/(\/webhooks\/\d+\/)[^/?#\s"'\\]+/g, "$1[redacted]"],
  [/(\/interactions\/\d+\/)[^/?#\s"'\\]+/g, "$1[redacted]"],
  // Interaction tokens are base64 of "interaction:<id>:<key>".
  [/aW50ZXJhY3Rpb246[\w+/=-]+/g, "[redacted]"],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "[redacted]"],
  // A bot token: user id in base64, time, HMAC. https://discord.com/developers/docs/reference#authentication
  [/(?<![\w-])[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, "[redacted]"],
  [/\b(Bearer|Bot|Basic)\s+[\w.~+/=-]{8,}/gi, "$1 [redacted]"],
  [/\bsk-ant-[\w-]+/g, "[redacted]"],
  [/\bsk-(?:(?:proj|svcacct|admin)-[\w-]{20,}|[A-Za-z0-9]{20,})/g, "[redacted]"],
  // https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
  [/\b(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})/g, "[redacted]"],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, "[redacted]"],
  [/\bxox[a-z]-[\w-]{10,}/g, "[redacted]"],
  // ClaudeTools stores credentials so. https://github.com/fernet/spec/blob/master/Spec.md
  [/(?<![\w-])gAAAA[\w-]{40,}={0,2}/g, "[redacted]"],
  // The secret of a second factor, as its QR code holds it.
  [/\botpauth:\/\/[^\s"']+/gi, "[redacted]"],
  [/\bAGE-SECRET-KEY-1[\w]+/g, "[redacted]"],
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
    "[redacted]",
  ],
  [
    /((?:client[_-]?secret|password|passwd|pwd|api[_-]?key|access[_-]?token|refresh[_-]?token|client_assertion|account_?key|shared_?access_?(?:key|signature))["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
    "$1[redacted]",
  ],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,200}:)[^\s@/]{1,500}@/gi, "$1[redacted]@"],
];

/**
 * Removes everything that looks like a secret from a text that a person or a log will see.
 * @param known - Exact secrets of this process (tokens, keys), removed wherever they stand.
 */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of known) if (secret.length >= 8) clean = clean.replaceAll(secret, "[redacted]");
  for (const [pattern, replacement] of SECRETS) clean = clean.replace(pattern, replacement);
  return clean;
}
