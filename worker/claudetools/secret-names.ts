/**
 * Whether a field of this name holds a secret, in any case style: `apiKey`, `API_KEY` and `api-key` are one name.
 * Names that only speak about a secret (`password_changed_at`, `token_type`) hold none.
 */
export function isSecretName(name: string): boolean {
  const words = splitName(name);
  if (isTelling(words)) return false;
  const joined = words.join("");
  return words.some((word) => SECRET_WORDS.has(word)) || SECRET_PARTS.some((part) => joined.includes(part));
}

/** Below a field such as `credentials`: whether this one says which secret it is, and not the secret. */
export function isTellingName(name: string): boolean {
  return isTelling(splitName(name));
}

// As whole words: inside others they mean nothing (`pin` in `shipping`, `otp` in `hotplug`, `sas` in `Kansas`).
const SECRET_WORDS: ReadonlySet<string> = new Set([
  ...["secret", "secrets", "token", "tokens", "jwt", "bearer", "authorization", "cookie", "cookies"],
  ...["pwd", "pwds", "pass", "pw", "pin", "pins", "otp", "totp", "mfa", "psk", "puk", "cvv", "salt", "seed"],
  ...["credential", "credentials", "creds", "recovery", "sas", "dsn", "community", "pem", "pfx", "laps"],
]);
const SECRET_PARTS = [
  ...["password", "passwd", "passphrase", "passcode", "passwort", "kennwort", "secret"],
  ...["apikey", "accesskey", "accountkey", "privatekey", "sshkey", "sharedkey", "signingkey", "masterkey"],
  ...["encryptionkey", "authkey", "wpakey", "wifikey", "bitlockerkey", "recoverykey", "licensekey"],
  ...["productkey", "ntlmhash", "encryptedvalue", "connectionstring", "connstr", "securityanswer"],
  ...["accesstoken", "refreshtoken", "authtoken", "sessiontoken", "idtoken"],
  ...["activationkey", "serialkey", "bitlocker", "webhookurl", "pincode"],
  ...["backupcode", "recoverycode", "accesscode", "alarmcode", "securitycode", "authcode"],
  ...["unlockcode", "doorcode", "gatecode"],
];

/** The last word of a name says what it is: a date, a count, an identifier. */
const TELLING_ENDINGS: ReadonlySet<string> = new Set([
  ...[
    "at",
    "on",
    "date",
    "time",
    "expires",
    "expiry",
    "expiration",
    "age",
    "days",
    "count",
    "length",
    "total",
  ],
  ...[
    "type",
    "types",
    "kind",
    "category",
    "status",
    "state",
    "enabled",
    "required",
    "active",
    "method",
    "methods",
  ],
  ...["id", "ids", "uuid", "name", "title", "label", "policy", "provider", "service", "role", "version"],
]);
/** With these before it, even an identifier opens a door: HashiCorp Vault's `secret_id`. */
const NEVER_TELLING = ["secretid", "clientsecretid"];

function isTelling(words: readonly string[]): boolean {
  const last = words.at(-1);
  return last !== undefined && TELLING_ENDINGS.has(last) && !NEVER_TELLING.includes(words.join(""));
}

/** @example splitName("clientAPIKey_2") is ["client", "api", "key", "2"] */
function splitName(name: string): string[] {
  return name
    .slice(0, MAX_NAME_LENGTH)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
/** Longer names are texts, and the shapes in them are looked at like in any other. */
const MAX_NAME_LENGTH = 200;
