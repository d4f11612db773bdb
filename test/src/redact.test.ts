import fc from "fast-check";
import { expect, test } from "vitest";
import { redact, secrets } from "../../src/redact.ts";

test.for<[what: string, text: string]>([
  [
    "an interaction token in a URL",
    "PATCH https://discord.com/api/v10/webhooks/110/canary/messages/@original",
  ],
  ["an interaction token in an escaped URL", '{"url":"https:\\/\\/x/webhooks/110/canary\\"'],
  ["an interaction token in a callback URL", "/interactions/110/canary/callback"],
  ["a bare interaction token", "aW50ZXJhY3Rpb246canary"],
  ["a bearer token", "authorization: Bearer canary.canary"],
  ["a bot authorisation", '"authorization":"Bot canary-canary"'],
  ["a bot token", "MTEwMDAwMDAwMDAwMDAwMDAwMw.GcanaR.canary_canary_canary_canary_canary"],
  ["a JWT", "token eyJcanary.eyJcanary.canary-_"],
  ["a client secret in a form", "grant_type=client_credentials&client_secret=canary~x&scope=a"],
  ["a client secret in JSON", '{"client_secret": "canary"}'],
  ["a password in a URL", "redis://default:canary@10.0.0.1:6379"],
  ["an Anthropic key", "sk-ant-api03-canary"],
  ["an OpenAI key", "sk-proj-canarycanarycanary12"],
  ["a GitHub token", "ghp_canarycanarycanary12"],
  ["a fine-grained GitHub token", "github_pat_canarycanarycanary12"],
  ["a GitLab token", "glpat-canarycanarycanary"],
  ["an AWS key id", "AKIACANARYCANARY1234"],
  ["a Slack token", "xoxb-123456789012-canary"],
  ["a Fernet token", `gAAAAAcanary${"A".repeat(40)}==`],
  ["the secret of an authenticator app", "otpauth://totp/x?secret=CANARY"],
  ["the key of a storage account", "DefaultEndpointsProtocol=https;AccountKey=canary==;EndpointSuffix=x"],
  ["a password in a connection string", "Server=db;User Id=sa;Password=canary;"],
  ["a password in a connection string with a blank", "Server=db;Password=my canary;Encrypt=True"],
  ["a quoted password with blanks", 'password: "my canary here"'],
  ["a password in JSON that is text in JSON", JSON.stringify(JSON.stringify({ password: "canary" }))],
  ["a password in a hurry", "Login: admin / pw: canary1"],
  ["a password in a sentence", "His password is Canary2024! and he knows it"],
  ["a password without a digit in a sentence", "the new password was: can@ry-canary"],
  ["a password in a German sentence", 'Das Kennwort lautet "Canary7".'],
  ["a password in a variable", "ADMIN_PASS=canary"],
  ["a German password", "Passwort: canary"],
  ["an AWS secret", "AWS_SECRET_ACCESS_KEY=canary/K7MDENG"],
  ["the secret of a second factor", "TOTP secret: CANARY23CANARY23"],
  ["a secret of an app registration", `It is abc8Q~canary${"x".repeat(28)} since May`],
  ["a refresh token of Entra ID", `0.AXEAcanarycanarycanarycanary.AgABAAEAcanary`],
  ["a shared access signature", "https://a.blob.core.windows.net/c?sv=2022&sig=canary%3D&se=2026"],
  ["a Slack webhook", "https://hooks.slack.com/services/T0/B0/canary"],
  ["a Teams webhook", "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/canary/c"],
  ["a Google key", `AIza${"canary_".repeat(5)}`],
  ["a Stripe key", "sk_live_canarycanary1234"],
  ["a PuTTY key", "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\ncanary\nPrivate-MAC: canary"],
  ["an API key in a header", "X-Api-Key: canary"],
  ["an age key", "AGE-SECRET-KEY-1CANARY"],
  ["a private key", "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"],
  ["a PGP key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\ncanary\n-----END PGP PRIVATE KEY BLOCK-----"],
])("%s is removed", ([, text]) => {
  expect(redact(text)).not.toMatch(/canary/i);
});

test.for([
  "111111-222222-333333-444444-555555-666666-777777-888888",
  "aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0",
])("%s is removed, a recovery key or a hash of a password", (secret) => {
  expect(redact(`It is ${secret}.`)).toBe("It is [redacted].");
});

test("the text around a secret stays", () => {
  expect(redact("GET https://discord.com/api/v10/webhooks/110/secret/messages/1 failed with 404")).toBe(
    "GET https://discord.com/api/v10/webhooks/110/[redacted]/messages/1 failed with 404",
  );
});

test("known secrets are removed wherever they stand", () => {
  expect(redact("it was hunter2hunter2!", ["hunter2hunter2"])).toBe("it was [redacted]!");
});

test.for([
  "adele@contoso.com signed in from 198.51.100.7",
  "ix-1234567890123456789",
  "sk-bratislava-office-printer-01",
  "body.password is required",
  "the password was changed 3 days ago!",
  "The password is 90 days old; the PIN is missing!",
  "her password is expired, pinning is off",
  "bypass: yes",
  "the token: expired, so no secret: nothing",
  "https://graph.microsoft.com/v1.0/users?$skiptoken=abc12345",
  "Call 555123-456789 before 10",
  "8f5b4c3a-1111-4222-8333-444455556666",
  "https://graph.microsoft.com/v1.0/users/8f5b4c3a-1111-4222-8333-444455556666/mailFolders/inbox/messageRules",
])("%s is left as it is", (text) => {
  expect(redact(text)).toBe(text);
});

/** What fast-check can't generate says only where a match may stand, not what it holds. */
const ASSERTIONS = /\(\?<?[=!](?:[^()[\]]|\[[^\]]*\]|\[redacted\\\])*\)|\\b/g;

test.for(secrets.map(([sign, pattern]) => ({ sign, pattern })))(
  "everything that $pattern matches holds $sign, without which nobody would look for it",
  ({ sign, pattern }) => {
    const matching = new RegExp(pattern.source.replaceAll(ASSERTIONS, ""));
    const holds = new RegExp(sign, "i");
    fc.assert(fc.property(fc.stringMatching(matching), (text) => holds.test(text)));
  },
);
