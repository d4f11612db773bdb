import fc from "fast-check";
import { expect, test } from "vitest";
import { redactRecord } from "../../../worker/claudetools/redact-record.ts";
import { isSecretName } from "../../../worker/claudetools/secret-names.ts";
import { CANARIES } from "../../sandbox/claudetools/records.ts";

test.for([
  ...[
    "password",
    "Password",
    "PASSWORD",
    "admin_password",
    "adminPassword",
    "db-password",
    "passwordHash",
    "passwords",
  ],
  ...[
    "secret",
    "clientSecret",
    "client_secret",
    "SECRET_VALUE",
    "secret_id",
    "token",
    "accessToken",
    "API_TOKEN",
  ],
  ...[
    "api_key",
    "apiKey",
    "API-KEY",
    "apikey",
    "XApiKey",
    "ssh_key",
    "ssh_private_key",
    "private_key",
    "psk",
  ],
  ...["mfa_secret", "mfa", "mfa_codes", "recovery_codes", "recovery", "totp", "otp", "pin", "wifi_psk"],
  ...["connection_string", "connectionString", "ConnStr", "dsn", "snmp_community", "authorization", "cookie"],
  ...[
    "bitlocker_key",
    "backup_codes",
    "encryption_key",
    "license_key",
    "alarm_code",
    "preSharedKey",
    "door_code",
    "activation_key",
    "webhook_url",
    "laps",
    "passwort",
    "pwd",
    "credentials",
  ],
])("a field named %s holds a secret", (name) => {
  expect(isSecretName(name)).toBe(true);
  expect(redactRecord({ [name]: "canary" }).value).toEqual({ [name]: "[redacted]" });
});

test.for([
  ...[
    "name",
    "title",
    "notes",
    "shipping_address",
    "hotplug",
    "key",
    "keyboard",
    "monkey",
    "author",
    "hostname",
  ],
  ...[
    "password_changed_at",
    "password_last_set_date",
    "token_type",
    "token_expires_at",
    "mfa_method",
    "secret_name",
  ],
  ...[
    "credential_id",
    "credential_type",
    "secret_count",
    "public_key",
    "tenant_id",
    "passenger",
    "authored_on",
  ],
])("a field named %s holds none", (name) => {
  expect(redactRecord({ [name]: "2026-11-22" })).toEqual({
    ...{ value: { [name]: "2026-11-22" }, redactedCount: 0, shortenedCount: 0 },
  });
});

test("whether there is a secret stays readable", () => {
  const record = { mfa_enabled: true, has_password: false, token: null, pin: 1234 };
  expect(redactRecord(record)).toMatchObject({ value: { ...record, pin: "[redacted]" }, redactedCount: 1 });
});

test("secrets are found at any depth, and counted", () => {
  const { value, redactedCount } = redactRecord({
    items: [{ name: "SQL", login: { user: "sa", Password: "canary-1" } }],
    credentials: [{ id: 4, name: "Router", value: "canary-2", extra: ["canary-3"] }],
    variables: [{ name: "DB_PASSWORD", value: "canary-4" }],
    custom: [
      { field_name: "password", field_value: "canary-5" },
      { label: "Root password", text: "canary-6" },
      { k: "PIN", v: "4711" },
    ],
  });
  expect(value).toEqual({
    items: [{ name: "SQL", login: { user: "sa", Password: "[redacted]" } }],
    credentials: [{ id: 4, name: "Router", value: "[redacted]", extra: ["[redacted]"] }],
    variables: [{ name: "DB_PASSWORD", value: "[redacted]" }],
    custom: [
      { field_name: "password", field_value: "[redacted]" },
      { label: "Root password", text: "[redacted]" },
      { k: "PIN", v: "[redacted]" },
    ],
  });
  expect(redactedCount).toBe(7);
});

test.for(Object.entries(CANARIES).filter(([name]) => !["password", "apiKey"].includes(name)))(
  "%s is known by its shape in any field",
  ([, secret]) => {
    const { value, redactedCount } = redactRecord({ notes: `It is ${secret} since May`, list: [secret] });
    expect(JSON.stringify(value)).not.toMatch(/canary/i);
    expect(JSON.stringify(value)).toContain("It is");
    expect(redactedCount).toBe(2);
  },
);

test("a key that is a secret is redacted like a value", () => {
  expect(redactRecord({ [CANARIES.jwt]: 1 }).value).toEqual({ "[redacted]": 1 });
});

test("secrets of this process are removed wherever they stand", () => {
  expect(redactRecord({ notes: "see hunter2hunter2" }, { known: ["hunter2hunter2"] }).value).toEqual({
    notes: "see [redacted]",
  });
});

test("characters that can't be seen are gone before anything is compared", () => {
  const { value } = redactRecord({
    notes: "a\u202eb\u200bc\u0007d\u009be\u{e0041}f\ufe0fg\ufeffh\u2066i\nj\tk",
    "pass\u200bword": "canary",
    hint: "pass\u200bword=canary",
  });
  expect(value).toEqual({ notes: "abcdefghi\nj\tk", password: "[redacted]", hint: "password=[redacted]" });
});

test("a long string is cut, and says how long it was", () => {
  const { value, shortenedCount } = redactRecord({ text: "x".repeat(10_000) }, { maxStringLength: 200 });
  expect(shortenedCount).toBe(1);
  expect(JSON.stringify(value)).toMatch(/x{100,} ; … \(10000 characters, the rest was cut\)/);
  expect(JSON.stringify(value).length).toBeLessThan(230);
});

test.for([0, 1])("a cut leaves no half of a character (%i)", (offset) => {
  const { value } = redactRecord("x".repeat(offset) + "😀".repeat(200), { maxStringLength: 150 });
  expect(JSON.stringify(value)).not.toMatch(/\p{Cs}|\\ud83d(?!\\u)/u);
});

test("a million nested lists end in words, not in a crash", () => {
  const bomb: unknown = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
  expect(JSON.stringify(redactRecord(bomb).value)).toContain("nested too deeply");
});

test("a name that means something to JavaScript stays a field", () => {
  const { value } = redactRecord(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}'));
  expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1},"constructor":2}');
  expect({}).not.toHaveProperty("polluted");
});

const fragment = fc.constantFrom(
  ...Object.values(CANARIES),
  ...[
    "password=",
    "Bearer ",
    "api-key: ",
    "\u200b",
    "\u202e",
    "eyJ",
    "sk-ant-",
    "[redacted]",
    "/webhooks/1/",
    "x".repeat(90),
  ],
  ...["postgres://u:p@h", "-----BEGIN PRIVATE KEY-----", "\ud83d", "\udd11", " ", ";", "AKIA", "password"],
);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join("")),
);
const record = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    ...[text, fc.integer(), fc.boolean(), fc.constant(null)],
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom("password", "name", "token", "value", "id")), tie("value"), {
      maxKeys: 4,
    }),
  ),
})).value;

test("what was redacted once stays as it is, whole or cut", () => {
  fc.assert(
    fc.property(record, fc.constantFrom(100, 120, 5000), (given, maxStringLength) => {
      const once = redactRecord(given, { maxStringLength });
      const twice = redactRecord(once.value, { maxStringLength });
      expect(twice).toEqual({ value: once.value, redactedCount: 0, shortenedCount: 0 });
    }),
    { numRuns: 2000 },
  );
});

test("five megabytes are done in seconds, not in the minutes that a pattern without a bound would take", () => {
  const rows = Array.from({ length: 20_000 }, (_, id) => ({
    id,
    name: "password ".repeat(10),
    notes: "eyJ".repeat(40),
  }));
  const startedAt = performance.now();
  redactRecord(rows);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});
