import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Program, readConfig, variableNames } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";

const complete = {
  DISCORD_APPLICATION_ID: "1100000000000000003",
  DISCORD_PUBLIC_KEY: "ab".repeat(32),
  DISCORD_TOKEN: "canary-bot-token",
  DISCORD_GUILD_ID: "1100000000000000001",
};

function problems(program: Program, environment: Record<string, string | undefined>): string {
  try {
    readConfig(program, environment);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.userMessage;
    throw thrown;
  }
  throw new Error("expected the configuration to be refused");
}

test(".env.example names every variable of the program and no other", () => {
  const example = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
  const named = [...example.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(variableNames.toSorted());
});

test("the defaults that .env.example shows are the defaults of the program", () => {
  const example = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
  const shown = Object.fromEntries(
    [...example.matchAll(/^([A-Z0-9_]+)=(.+)$/gm)].map(([, name, value]) => [name, value]),
  );
  expect(readConfig("standalone", { ...complete, ...shown })).toEqual(readConfig("standalone", complete));
});

test("four variables are enough, and nobody is allowed anything", () => {
  expect(readConfig("standalone", complete)).toMatchObject({
    DISCORD_API_URL: "https://discord.com/api",
    PORT: 8787,
    HOST: "127.0.0.1",
    DISCORD_ADMIN_ROLES: [],
    DISCORD_TECH_ROLES: [],
  });
});

test("every problem is told at once, with the variable, what was expected and what came", () => {
  const text = problems("standalone", {
    ...complete,
    DISCORD_GUILD_ID: undefined,
    PORT: "80a",
    LOG_LEVEL: "loud",
  });
  expect(text).toContain("DISCORD_GUILD_ID: expected the id (a number) of your Discord server, got nothing.");
  expect(text).toContain('PORT: expected a whole number from 0 to 65535, got "80a".');
  expect(text).toContain('LOG_LEVEL: expected one of debug, info, warn, error, got "loud".');
});

test.for<[name: string, value: string]>([
  ["PORT", "65536"],
  ["PORT", "1.5"],
  ["CLAUDE_USER_DAILY_CENTS", "0"],
  ["CLAUDE_GUILD_DAILY_TOKENS", "a lot"],
  ["DISCORD_GUILD_ID", "my-server"],
  ["DISCORD_TECH_ROLES", "1, two"],
  ["GRAPH_BASE_URL", "http://graph.microsoft.com"],
  ["GRAPH_BASE_URL", "https://graph.microsoft.com/v1.0"],
  ["GRAPH_BASE_URL", "file:///etc/passwd"],
  ["LOGIN_BASE_URL", "http://127.0.0.1.evil.example"],
  ["DISCORD_API_URL", "discord.com/api"],
  ["CLAUDETOOLS_API_URL", "http://claudetools.example.com:8001"],
  ["CLAUDETOOLS_API_URL", "http://172.16.3.30.evil.example:8001"],
  ["CLAUDETOOLS_API_URL", "http://172.32.3.30:8001"],
  ["CLAUDETOOLS_API_URL", "http://169.254.169.254"],
  ["CLAUDETOOLS_API_URL", "http://172.16.3.30:8001/api"],
  ["CLAUDETOOLS_API_URL", "http://user:pass@172.16.3.30:8001"],
])("%s=%s is refused", ([name, value]) => {
  expect(problems("standalone", { ...complete, [name]: value })).toContain(`  ${name}: expected `);
});

test.for([
  ["DISCORD_PUBLIC_KEY", "canary.secret.value"],
  ["REDIS_URL", "http://user:canary.secret.value@host"],
  ["CLAUDETOOLS_API_KEY", "Bearer canary.secret.value"],
])("a wrong %s is named and not shown, since it may be a secret", ([name, value]) => {
  const text = problems("standalone", { ...complete, [String(name)]: value });
  expect(text).toContain(`${name}: expected`);
  expect(text).not.toContain("canary");
});

test("loopback may be http, and a trailing slash does not matter", () => {
  const config = readConfig("standalone", { ...complete, GRAPH_BASE_URL: "http://127.0.0.1:9000/" });
  expect(config.GRAPH_BASE_URL).toBe("http://127.0.0.1:9000");
});

test.for([
  "http://172.16.3.30:8001",
  "http://10.1.2.3",
  "http://[fd00::1]:8001",
  "https://claudetools.example.com",
])("ClaudeTools may be at %s", (url) => {
  const config = readConfig("worker", { ...complete, CLAUDETOOLS_API_URL: `${url}/` });
  expect(config.CLAUDETOOLS_API_URL).toBe(url);
});

test("no other service may be plain http in a private network", () => {
  const url = "http://172.16.3.30:8001";
  expect(problems("worker", { ...complete, GRAPH_BASE_URL: url })).toContain("GRAPH_BASE_URL");
});

test("lists may hold blanks, and an empty variable counts as missing", () => {
  const config = readConfig("standalone", { ...complete, DISCORD_TECH_ROLES: " 11 ,12,, ", REDIS_URL: " " });
  expect(config.DISCORD_TECH_ROLES).toEqual(["11", "12"]);
  expect(config.REDIS_URL).toBeUndefined();
});

test("the webhook needs no bot token", () => {
  expect(readConfig("webhook", { ...complete, DISCORD_TOKEN: undefined })).not.toHaveProperty(
    "DISCORD_TOKEN",
  );
});
