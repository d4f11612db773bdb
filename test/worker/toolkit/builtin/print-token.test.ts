import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPrintToken } from "../../../../worker/toolkit/builtin/print-token.ts";
import { NOW, openSandbox, type Sandbox } from "./sandbox-run.ts";

let sandbox: Sandbox;
let home: string;
beforeEach(async () => {
  sandbox = await openSandbox();
  home = await mkdtemp(join(tmpdir(), "home-"));
});
afterEach(async () => {
  await sandbox.close();
  await rm(home, { recursive: true });
});

async function run(args: string[], env: Record<string, string> = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const exitCode = await createPrintToken({ now: () => NOW })({
    args,
    env: { ...sandbox.env, HOME: home, LOCALAPPDATA: home, ...env },
    print: (line) => stdout.push(line),
    complain: (line) => stderr.push(line),
    signal: new AbortController().signal,
  });
  return { exitCode, stdout, stderr };
}

const tokenRequests = () => sandbox.graph.requests.filter(({ url }) => url.endsWith("/token")).length;

test("a token that Graph takes is printed, alone", async () => {
  const { exitCode, stdout, stderr } = await run(["contoso.com", "investigator"]);
  expect({ exitCode, lines: stdout.length, stderr }).toEqual({ exitCode: 0, lines: 1, stderr: [] });
  const response = await fetch(`${sandbox.graph.graphUrl}/v1.0/domains`, {
    headers: { authorization: `Bearer ${stdout[0]}` },
  });
  expect(response.status).toBe(200);
});

test("the next call prints the same one without asking, and another tier its own", async () => {
  const first = await run(["contoso.com", "investigator"]);
  const second = await run([sandbox.tenant().id, "INVESTIGATOR"]);
  expect(second.stdout).toEqual(first.stdout);
  expect(tokenRequests()).toBe(1);
  await run(["contoso.com", "user-manager"]);
  expect(tokenRequests()).toBe(2);
});

test("user-breach-check uses the same one, until it finds a permission missing", async () => {
  const env = { HOME: home, LOCALAPPDATA: home };
  const { graph } = sandbox;
  await run(["contoso.com", "investigator"]);
  await run(["contoso.com", "investigator", "exchange"]);
  expect((await sandbox.checkUser("adele@contoso.com", { env })).exitCode).toBe(0);
  expect(tokenRequests()).toBe(2);

  graph.faults.push({ on: /messageRules/, fault: { kind: "status", status: 403 } });
  await sandbox.checkUser("adele@contoso.com", { env });
  expect(tokenRequests()).toBe(2);
  await sandbox.checkUser("adele@contoso.com", { env });
  expect(tokenRequests()).toBe(4);
});

test.for<[title: string, args: string[]]>([
  ["no tier", ["contoso.com"]],
  ["a tier that there is not", ["contoso.com", "root"]],
  ["no tenant", ["investigator"]],
  ["a path", ["../contoso", "investigator"]],
  ["another resource", ["contoso.com", "investigator", "sharepoint"]],
  ["too much", ["contoso.com", "investigator", "graph", "graph"]],
])("%s is wrong usage", async ([, args]) => {
  expect(await run(args)).toMatchObject({
    exitCode: 2,
    stdout: [],
    stderr: [expect.stringContaining("exchange-operator"), expect.stringMatching(/^Usage: get-token/)],
  });
});

test("--help names the tiers and where tokens are kept", async () => {
  const { exitCode, stdout } = await run(["--help"]);
  expect(exitCode).toBe(0);
  for (const words of ["tenant-admin", "LOCALAPPDATA", "VAULT_PATH", "Exit codes"]) {
    expect(stdout.join("\n")).toContain(words);
  }
});

test.for<[title: string, prepare: () => void, words: RegExp]>([
  ["an expired secret", () => expire(), /client secret has expired[\s\S]+Create a new client secret/],
  [
    "no consent",
    () => {
      sandbox.tenant().app.installed = false;
    },
    /nobody has consented/,
  ],
  [
    "a page of a proxy",
    () => sandbox.graph.faults.push({ on: /token$/, fault: { kind: "html" } }),
    /something other than JSON/,
  ],
  [
    "a clock that is wrong",
    () => sandbox.graph.faults.push({ on: /token$/, fault: { kind: "aadsts", code: 700024 } }),
    /another time/,
  ],
  [
    "a service that the tenant lacks",
    () => sandbox.graph.faults.push({ on: /token$/, fault: { kind: "aadsts", code: 500011 } }),
    /does not have the service/,
  ],
])("%s is told in words with the cure, on stderr", async ([, prepare, words]) => {
  prepare();
  const { exitCode, stdout, stderr } = await run(["contoso.com", "investigator"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: [] });
  expect(stderr.join("\n")).toMatch(words);
  expect(stderr.length).toBe(1);
});

function expire(): void {
  sandbox.tenant().app.secretExpired = true;
}

test("an unknown tenant is told", async () => {
  const { exitCode, stderr } = await run(["nowhere.example", "investigator"]);
  expect(exitCode).toBe(1);
  expect(stderr.join("\n")).toMatch(/knows no such tenant[\s\S]+typing errors/);
});

test("a folder of kept tokens that is a link ends it", { skip: process.platform === "win32" }, async () => {
  await run(["contoso.com", "investigator"]);
  const cache = join(home, ".cache", "msp-discord-bot");
  await rm(join(cache, "tokens"), { recursive: true });
  await symlink(home, join(cache, "tokens"));
  const { exitCode, stdout, stderr } = await run(["contoso.com", "investigator"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: [] });
  expect(stderr[0]).toContain("no ordinary folder");
});

test("no secret is in what it says", async () => {
  const { clientSecret } = sandbox.graph;
  const told = await run(["contoso.com", "investigator"], { M365_CLIENT_SECRET: `${clientSecret}x` });
  expect(told.exitCode).toBe(1);
  expect(JSON.stringify(told)).not.toContain(clientSecret);
});
