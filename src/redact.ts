const NAMES =
  "client[_-]?secret|secret[_-]?(?:access[_-]?)?key|password|passwd|pwd|passwort|kennwort|pass(?:phrase|code)|api[_-]?key|" +
  "access[_-]?token|refresh[_-]?token|client_assertion|account_?key|shared_?access_?(?:key|signature)";
/** Also in JSON that stands as text in JSON, where a quote has a backslash before it. */
const QUOTES = String.raw`["'\\]*`;
const IS = String.raw`${QUOTES}\s*[=:]\s*`;
const WORD = String.raw`[^\s"'&,;}]`;
/** What is taken out already must not take along what stands beside it. */
const NOT_YET = String.raw`(?!\[redacted\])`;
const pattern = (source: string) => new RegExp(source, "gi");

/**
 * Each pattern is bounded or anchored: a script can print whatever it likes, and redacting that must stay linear.
 * Patterns, not keys: error objects carry secrets inside URLs, headers and messages, where no key path
 * reaches (`DiscordAPIError.url` holds the interaction token).
 *
 * `sign` is an expression for what every match of the pattern holds, in whatever case.
 */
export const secrets: readonly [sign: string, pattern: RegExp, replacement: string][] = [
  // https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
  ["/webhooks/", /(\/webhooks\/\d+\/)[^/?#\s"'\\]+/g, "$1[redacted]"],
  ["/interactions/", /(\/interactions\/\d+\/)[^/?#\s"'\\]+/g, "$1[redacted]"],
  // Interaction tokens are base64 of "interaction:<id>:<key>".
  ["aW50ZXJhY3Rpb246", /aW50ZXJhY3Rpb246[\w+/=-]+/g, "[redacted]"],
  ["eyJ", /(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "[redacted]"],
  // A bot token: user id in base64, time, HMAC. https://discord.com/developers/docs/reference#authentication
  ["\\.[\\w-]{6,7}\\.", /(?<![\w-])[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, "[redacted]"],
  ["bearer|bot|basic", /\b(Bearer|Bot|Basic)\s+[\w.~+/=-]{8,}/gi, "$1 [redacted]"],
  ["sk-ant-", /\bsk-ant-[\w-]+/g, "[redacted]"],
  ["sk-", /\bsk-(?:(?:proj|svcacct|admin)-[\w-]{20,}|[A-Za-z0-9]{20,})/g, "[redacted]"],
  // https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
  [
    "gh[opsur]_|github_pat_|glpat-",
    /\b(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})/g,
    "[redacted]",
  ],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  ["AKIA|ASIA", /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, "[redacted]"],
  ["xox", /\bxox[a-z]-[\w-]{10,}/g, "[redacted]"],
  // ClaudeTools stores credentials so. https://github.com/fernet/spec/blob/master/Spec.md
  ["gAAAA", /(?<![\w-])gAAAA[\w-]{40,}={0,2}/g, "[redacted]"],
  // The secret of a second factor, as its QR code holds it.
  ["otpauth:", /\botpauth:\/\/[^\s"']+/gi, "[redacted]"],
  ["AGE-SECRET-KEY", /\bAGE-SECRET-KEY-1[\w]+/g, "[redacted]"],
  [
    "-----BEGIN",
    /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
    "[redacted]",
  ],
  ["PuTTY-User-Key-File", /PuTTY-User-Key-File-[\s\S]*?(?:Private-MAC: \w+|$)/g, "[redacted]"],
  // An app registration's secret. https://learn.microsoft.com/purview/sit-defn-azure-ad-client-secret
  ["Q~", /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,37}/g, "[redacted]"],
  // A refresh token of Entra ID.
  ["[01]\\.A[\\w-]{20}", /(?<![\w.-])[01]\.A[\w-]{20,}\.[\w-]{10,}/g, "[redacted]"],
  // The recovery key of BitLocker; the hashes of a Windows password.
  ["-\\d{6}-", /(?<!\d)\d{6}(?:-\d{6}){7}(?!\d)/g, "[redacted]"],
  [":[\\da-f]{32}", /(?<![\da-f])[\da-f]{32}:[\da-f]{32}(?![\da-f])/gi, "[redacted]"],
  [
    "AIza|k_live_|SG\\.|npm_|hvs\\.",
    /\b(?:AIza[\w-]{35,}|[sr]k_live_\w{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_\w{36}|hvs\.[\w-]{20,})/g,
    "[redacted]",
  ],
  // Whoever has such an address may post there.
  [
    "hooks\\.slack|webhook\\.office",
    /(\bhooks\.slack\.com\/services\/|\bwebhook\.office\.com\/webhookb2\/)[^\s"'\\]+/gi,
    "$1[redacted]",
  ],
  // https://learn.microsoft.com/azure/storage/common/storage-sas-overview
  ["[?&;]sig=", /([?&;]sig=)[^&\s"'\\]+/gi, "$1[redacted]"],
  // What may have blanks in it: up to the quote, and in a connection string to the semicolon.
  [
    NAMES,
    pattern(String.raw`((?:${NAMES})${IS}${QUOTES}["'])${NOT_YET}[^"'\s\\][^"'\n\\]{0,500}`),
    "$1[redacted]",
  ],
  [
    "password|pwd",
    pattern(
      String.raw`((?:password|pwd)\s*=\s*)${NOT_YET}[^;&"'\s](?:[^;&"'\n]{0,200}[^;&"'\s])?(?=[ \t]*;)`,
    ),
    "$1[redacted]",
  ],
  [NAMES, pattern(`((?:${NAMES})${IS}${QUOTES})${WORD}+`), "$1[redacted]"],
  // Words that begin others, and words for which most values are no secret.
  ["p(?:ass|w|in)", pattern(`(?<![a-z])(p(?:ass|w|in)${IS}${QUOTES})${WORD}+`), "$1[redacted]"],
  [
    "secret|token",
    pattern(String.raw`(?<![a-z])((?:secret|token)${IS}${QUOTES})(?=${WORD}{0,200}\d)${WORD}{8,}`),
    "$1[redacted]",
  ],
  // In a sentence, where most words after it are no secret: "password is required" stays.
  [
    "pass(?:word|wort|phrase|code)|kennwort|pwd|pin",
    pattern(
      String.raw`(?<![a-z])((?:pass(?:word|wort|phrase|code)|kennwort|pwd|pin)\s+(?:is|was|ist|war|lautet)(?:\s*:)?\s+${QUOTES})(?=${WORD}{0,200}\d|${WORD}{0,200}[!@#$%^*]${WORD})${NOT_YET}${WORD}{4,}`,
    ),
    "$1[redacted]",
  ],
  ["://", /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,200}:)[^\s@/]{1,500}@/gi, "$1[redacted]@"],
];

/** Most lines of a log hold no sign, and one look for all of them costs a quarter of trying every pattern. */
const SIGNS = new RegExp([...new Set(secrets.map(([sign]) => sign))].join("|"), "i");

/**
 * Removes everything that looks like a secret from a text that a person or a log will see.
 * @param known - Exact secrets of this process (tokens, keys), removed wherever they stand.
 */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of known) if (secret.length >= 8) clean = clean.replaceAll(secret, "[redacted]");
  if (!SIGNS.test(clean)) return clean;
  for (const [, pattern, replacement] of secrets) clean = clean.replace(pattern, replacement);
  return clean;
}
