import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type TestContext, test } from "vitest";
import { CoverageArtifact } from "../../../../worker/findings/coverage-artifact.ts";
import { INVESTIGATOR_ROLES } from "../../../sandbox/tenants/tenant.ts";
import { openSandbox, type Sandbox } from "./sandbox-run.ts";

// Real processes, and therefore few: each takes about half a second to start.
const FOLDER = fileURLToPath(new URL("../../../../worker/toolkit/builtin/", import.meta.url));

// They run side by side, since one waits ten seconds for Graph's limit of five audit reports.
async function openRealTime(onFinished: TestContext["onTestFinished"]): Promise<Sandbox> {
  const sandbox = await openSandbox({ clock: Date.now, now: Date.now() });
  onFinished(() => sandbox.close());
  return sandbox;
}

function start(sandbox: Sandbox, file: string, args: string[], env: Record<string, string> = {}) {
  const { PATH = "", SYSTEMROOT = "" } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", join(FOLDER, file), ...args], {
    env: { PATH, SYSTEMROOT, ...sandbox.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>(
    (resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
    },
  );
  return { child, ended };
}

test.concurrent("resolve-tenant and user-breach-check work by hand, one after the other", async ({
  onTestFinished,
}) => {
  const sandbox = await openRealTime(onTestFinished);
  const resolved = await start(sandbox, "resolve-tenant.ts", ["contoso.com"]).ended;
  expect(resolved).toEqual({ exitCode: 0, stdout: `${sandbox.tenant().id}\n`, stderr: "" });

  const run = await start(sandbox, "user-breach-check.ts", [resolved.stdout.trim(), "adele@contoso.com"])
    .ended;
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(run.stdout).toMatch(/^@check .+"waiting"[\s\S]+10 of 10 checks are complete\.\n$/);
});

test.concurrent("--help says what a program needs, with exit code 0; a missing argument has exit code 2", async ({
  onTestFinished,
}) => {
  const sandbox = await openRealTime(onTestFinished);
  const [help, wrong] = await Promise.all([
    start(sandbox, "user-breach-check.ts", ["--help"]).ended,
    start(sandbox, "user-breach-check.ts", ["contoso.com", "adele@contoso.com"]).ended,
  ]);
  expect(help).toMatchObject({ exitCode: 0, stderr: "" });
  for (const word of [
    "M365_CLIENT_ID",
    "REMEDIATION_ARTIFACTS",
    "GRAPH_BASE_URL",
    "EXCHANGE_BASE_URL",
    ...INVESTIGATOR_ROLES,
  ]) {
    expect(help.stdout).toContain(word);
  }
  expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
  expect(wrong.stderr).toMatch(
    /Expected two arguments[\s\S]+Usage: user-breach-check <tenant id> <sign-in name>/,
  );
});

test.concurrent("SIGTERM lets it write the coverage of what it had to leave", {
  skip: process.platform === "win32",
}, async ({ onTestFinished }) => {
  const sandbox = await openRealTime(onTestFinished);
  sandbox.graph.faults.push({ on: /signIns/, fault: { kind: "hang" } });
  const { child, ended } = start(sandbox, "user-breach-check.ts", [sandbox.tenant().id, "adele@contoso.com"]);
  await expect
    .poll(() => sandbox.graph.requests.some(({ url }) => url.includes("signIns")), { timeout: 25_000 })
    .toBe(true);
  child.kill("SIGTERM");
  expect((await ended).stdout).toContain('"state":"skipped"');
  const { checks } = await sandbox.readArtifact("coverage.json", CoverageArtifact);
  expect(checks.find(({ check }) => check === "signins")).toMatchObject({ status: "skipped" });
});

test.concurrent("neither secret nor token is in output or files, whatever goes wrong", async ({
  onTestFinished,
}) => {
  const sandbox = await openRealTime(onTestFinished);
  const { clientSecret } = sandbox.graph;
  sandbox.graph.faults.push(
    {
      on: /signIns/,
      fault: { kind: "status", status: 400, code: `Bad${clientSecret}`, message: clientSecret },
    },
    { on: /messageRules/, fault: { kind: "html" } },
  );
  const failed = await start(sandbox, "user-breach-check.ts", [sandbox.tenant().id, "adele@contoso.com"])
    .ended;
  const refused = await start(sandbox, "user-breach-check.ts", [sandbox.tenant().id, "adele@contoso.com"], {
    GRAPH_BASE_URL: `https://${clientSecret}@graph.example`,
  }).ended;
  expect(failed.exitCode).toBe(0);
  expect(refused.exitCode).toBe(2);

  const folder = join(sandbox.artifactsFolder, sandbox.tenant().id);
  const files = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  const everything = [failed.stdout, failed.stderr, refused.stdout, refused.stderr, ...files].join("\n");
  expect(everything).not.toContain(clientSecret);
  expect(everything).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
});
