import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenToolkitOptions, openToolkit } from "../../../worker/toolkit/open-toolkit.ts";
import { collectLog } from "../../log.ts";

const bashToolkit = fileURLToPath(new URL("../../fixtures/toolkits/bash", import.meta.url));
const scripts = fileURLToPath(new URL("../../fixtures/scripts", import.meta.url));
const tenantId = "11111111-aaaa-4bbb-8ccc-222222222222";
const never = new AbortController().signal;
const unhurried = { signal: never, deadlineMs: 20_000 };
const jane = { tenantId, rest: ["jane@contoso.com"] };

let root: string;
let artifactsDir: string;
let caseFolder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "toolkit-"));
  artifactsDir = join(root, "artifacts");
  caseFolder = join(root, "cases", "ix-1");
});
afterEach(() => rm(root, { recursive: true }));

function open(options: Partial<OpenToolkitOptions> = {}) {
  return openToolkit({
    folder: bashToolkit,
    artifactsDir,
    env: process.env,
    log: collectLog().log,
    limits: { graceMs: 200, lingerMs: 200 },
    ...options,
  });
}

async function writeToolkit(files: Record<string, string>): Promise<string> {
  const folder = join(root, "kit");
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

describe("the tenant behind a domain", () => {
  test("is the first GUID on stdout, in lower case", async () => {
    const toolkit = await open();
    expect(await toolkit.resolveTenant("contoso.com", unhurried)).toBe(tenantId);
  });

  test("is itself for a tenant id, and nothing is run", async () => {
    const toolkit = await open({ folder: await writeToolkit({}) });
    expect(await toolkit.resolveTenant(` ${tenantId.toUpperCase()}`, unhurried)).toBe(tenantId);
  });

  test("is not a GUID in an error message; the error says what the script said, without our paths", async () => {
    const resolving = (await open()).resolveTenant("nowhere.example", unhurried);
    await expect(resolving).rejects.toMatchObject({
      code: "TENANT_NOT_RESOLVED",
      message: expect.stringMatching(/exit code 1.*AADSTS90002/),
    });
    await expect(resolving).rejects.not.toMatchObject({ message: expect.stringContaining(bashToolkit) });
  });

  test("is missing when the script prints none, takes too long or doesn't exist, each in its own words", async () => {
    const toolkit = await open();
    await expect(toolkit.resolveTenant("silent.example", unhurried)).rejects.toThrow(/printed no tenant id/);
    const hurried = { signal: never, deadlineMs: 200 };
    await expect(toolkit.resolveTenant("slow.example", hurried)).rejects.toThrow(
      /could not be found out, because resolve-tenant took longer.* tell whoever runs/,
    );
    const empty = await open({ folder: await writeToolkit({}) });
    await expect(empty.resolveTenant("contoso.com", unhurried)).rejects.toThrow(
      /no program named resolve-tenant/,
    );
  });

  test("an abort comes through as its own reason", async () => {
    const stop = new AbortController();
    const resolving = (await open()).resolveTenant("slow.example", {
      signal: stop.signal,
      deadlineMs: 20_000,
      onLine: () => stop.abort(new Error("stopped by a person")),
    });
    await expect(resolving).rejects.toThrow("stopped by a person");
  });

  test.for([
    "contoso.com; id",
    "../contoso.com",
    "-x.com",
    "https://contoso.com",
    "cont\u043eso.com",
    "x".repeat(10_000),
  ])("nothing is run for what is no domain: %.30s", async (tenant) => {
    const resolving = (await open()).resolveTenant(tenant, unhurried);
    await expect(resolving).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("an investigation with a foreign toolkit", () => {
  test("leaves artifacts and a manifest in the case folder, and names its version", async () => {
    const toolkit = await open();
    const { run, artifacts, leftOut } = await toolkit.investigate(
      "user-breach-check",
      { ...jane, caseFolder },
      unhurried,
    );

    expect(run.ending).toEqual({ kind: "exited", code: 0 });
    expect(artifacts.map(({ name }) => name)).toEqual(["07-logons.json", "raw/03_rules.json"]);
    expect(await readFile(artifacts[1]?.path ?? "", "utf8")).toContain("jane@contoso.com");
    expect(leftOut).toEqual([
      { name: "_cache-investigator", reason: "it holds a token or a secret", isEvidence: false },
    ]);
    expect(await readFile(join(caseFolder, "manifest.json"), "utf8")).toContain('"raw/03_rules.json"');
    expect(toolkit).toMatchObject({
      kind: "foreign",
      name: "bash",
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  });

  test("shows its programs the system's variables and the three paths, and nothing of ours", async () => {
    const secrets = Object.fromEntries(
      [
        "DISCORD_TOKEN",
        "ANTHROPIC_API_KEY",
        "CLAUDETOOLS_API_KEY",
        "REDIS_URL",
        "OPS_TOKEN",
        "M365_CLIENT_SECRET",
      ].map((name) => [name, `canary-${name}`]),
    );
    const toolkit = await open({
      env: { ...process.env, ...secrets, GRAPH_BASE_URL: "canary", NODE_OPTIONS: "canary" },
      vaultPath: "/vault",
      claudetoolsRoot: "/claudetools",
    });
    const { run } = await toolkit.investigate("user-breach-check", { ...jane, caseFolder }, unhurried);
    expect(run.transcript).not.toContain("canary");
    expect(run.transcript).toContain("VAULT_PATH=/vault");
    expect(run.transcript).toContain("CLAUDETOOLS_ROOT=/claudetools");
    expect(run.transcript).toMatch(/REMEDIATION_ARTIFACTS=.*artifacts/);
  });

  test("that is stopped halfway still brings what it left", async () => {
    const script = `mkdir -p "$REMEDIATION_ARTIFACTS/$1"; printf '{"val' >"$REMEDIATION_ARTIFACTS/$1/half.json"; echo ready; sleep 1000`;
    const toolkit = await open({ folder: await writeToolkit({ "user-breach-check.sh": script }) });
    const stop = new AbortController();
    const { run, artifacts } = await toolkit.investigate(
      "user-breach-check",
      { ...jane, caseFolder },
      { signal: stop.signal, deadlineMs: 20_000, onLine: () => stop.abort() },
    );
    expect(run.ending).toEqual({ kind: "aborted" });
    expect(artifacts.map(({ name }) => name)).toEqual(["half.json"]);
    expect(await readFile(join(caseFolder, "manifest.json"), "utf8")).toContain('"aborted"');
  });

  test.for([
    [
      "fails with half a file: the file is taken and the code is told",
      "half-a-json.sh",
      1,
      ["inbox-rules.json"],
    ],
    ["leaves nothing: that is told, too", "leaves-nothing.sh", 0, []],
  ] as const)("that %s", async ([, script, code, names]) => {
    const content = await readFile(join(scripts, script), "utf8");
    const toolkit = await open({ folder: await writeToolkit({ "user-breach-check.sh": content }) });
    const { run, artifacts } = await toolkit.investigate(
      "user-breach-check",
      { ...jane, caseFolder },
      unhurried,
    );
    expect(run.ending).toEqual({ kind: "exited", code });
    expect(artifacts.map(({ name }) => name)).toEqual(names);
  });

  test("does not take what another run left", async () => {
    const toolkit = await open();
    await toolkit.investigate("user-breach-check", { ...jane, caseFolder }, unhurried);
    const folder = await writeToolkit({ "user-breach-check.sh": "true" });
    const nothing = await open({ folder });
    const second = { ...jane, caseFolder: join(root, "cases", "ix-2") };
    expect((await nothing.investigate("user-breach-check", second, unhurried)).artifacts).toEqual([]);
  });

  test.for([["jane@contoso.com; id"], ["--help"], ["/etc/passwd"], [], ["jane@contoso.com", "more"]])(
    "is not run for the arguments %j",
    async (rest) => {
      const toolkit = await open();
      const investigating = toolkit.investigate(
        "user-breach-check",
        { tenantId, rest, caseFolder },
        unhurried,
      );
      await expect(investigating).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    },
  );

  test("has another version as soon as a script has changed", async () => {
    const folder = join(root, "kit");
    await cp(bashToolkit, folder, { recursive: true });
    const toolkit = await open({ folder });
    const { version } = toolkit;
    await writeFile(join(folder, "user-breach-check.sh"), "true");
    await toolkit.investigate("user-breach-check", { ...jane, caseFolder }, unhurried);
    expect(toolkit.version).not.toBe(version);
  });
});

describe("the built-in toolkit", () => {
  const prints = `const names: string[] = Object.keys(process.env); console.log(names.sort().join(" "), process.argv[2]); console.error(process.env.M365_CLIENT_SECRET);`;

  test("is TypeScript, and sees the app registrations, whose secrets it can't print", async () => {
    const folder = await writeToolkit({ "user-breach-check.ts": prints });
    const toolkit = await open({
      folder,
      builtInFolder: folder,
      env: {
        ...process.env,
        M365_CLIENT_SECRET: "Canary~Secret",
        M365_INVESTIGATOR_CLIENT_ID: "id",
        GRAPH_BASE_URL: "http://127.0.0.1:9",
        DISCORD_TOKEN: "canary",
      },
    });
    const { run } = await toolkit.investigate("user-breach-check", { ...jane, caseFolder }, unhurried);
    expect(toolkit).toMatchObject({ kind: "built-in", name: "built-in" });
    expect(run.transcript).toContain(tenantId);
    expect(run.transcript).toMatch(/GRAPH_BASE_URL .*M365_CLIENT_SECRET M365_INVESTIGATOR_CLIENT_ID/);
    expect(run.transcript).not.toMatch(/DISCORD_TOKEN|Canary/);
    expect(run.transcript).toContain("[redacted]");
  });

  test("gets what the vault holds anew for each run, and can't print it; resolve-tenant gets none", async () => {
    const folder = await writeToolkit({
      "user-breach-check.ts": prints,
      "resolve-tenant.ts": `console.log(process.env.M365_CLIENT_SECRET, "${tenantId}");`,
    });
    let runs = 0;
    const toolkit = await open({
      folder,
      builtInFolder: folder,
      credentials: async () => ({ M365_CLIENT_SECRET: `Canary~Secret${++runs}` }),
    });
    const lines: string[] = [];
    await toolkit.resolveTenant("contoso.com", { ...unhurried, onLine: (line) => lines.push(line) });
    expect(lines).toEqual([`undefined ${tenantId}`]);
    for (const expected of [1, 2]) {
      const { run } = await toolkit.investigate("user-breach-check", { ...jane, caseFolder }, unhurried);
      expect(run.transcript).toContain("M365_CLIENT_SECRET");
      expect(run.transcript).toContain("[redacted]");
      expect(run.transcript).not.toContain("Canary");
      expect(runs).toBe(expected);
    }
  });

  test("keeps its memory small; a foreign one may take what it needs", async () => {
    const folder = await writeToolkit({ "user-breach-check.mjs": "console.log(process.execArgv.join());" });
    const optionsOf = async (builtInFolder: string) => {
      const toolkit = await open({ folder, builtInFolder });
      return (await toolkit.investigate("user-breach-check", { ...jane, caseFolder }, unhurried)).run
        .transcript;
    };
    expect(await optionsOf(folder)).toMatch(/--max-semi-space-size=4,--max-old-space-size=512/);
    expect(await optionsOf(join(folder, "another"))).not.toMatch(/space-size/);
  });

  test("is what is opened when nothing is configured", async () => {
    const folder = await writeToolkit({});
    const toolkit = await open({ folder: undefined, builtInFolder: folder });
    expect(toolkit.kind).toBe("built-in");
  });

  test("gives way to the private toolkit below CLAUDETOOLS_ROOT", async () => {
    const folder = join(root, ".claude", "skills", "remediation-tool", "scripts");
    await mkdir(folder, { recursive: true });
    const toolkit = await open({ folder: undefined, claudetoolsRoot: root });
    expect(toolkit).toMatchObject({ kind: "foreign", name: "scripts" });
  });
});

test("a foreign toolkit gets nothing of the vault", async () => {
  const folder = await writeToolkit({
    "user-breach-check.mjs": `console.log(Object.keys(process.env).join());`,
  });
  const toolkit = await open({ folder, credentials: async () => ({ M365_CLIENT_SECRET: "Canary~Secret" }) });
  const { run } = await toolkit.investigate("user-breach-check", { ...jane, caseFolder }, unhurried);
  expect(run.transcript).not.toContain("M365");
});

test("a folder that isn't there is named when the toolkit is opened", async () => {
  await expect(open({ folder: join(root, "nowhere") })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("REMEDIATION_SCRIPTS"),
  });
});

test("bash is asked for only by a toolkit of shell scripts", async () => {
  await expect(open({ bash: join(root, "no-bash") })).rejects.toMatchObject({ code: "BASH_NOT_FOUND" });
  const folder = await writeToolkit({ "user-breach-check.mjs": "" });
  await expect(open({ folder, bash: join(root, "no-bash") })).resolves.toMatchObject({ kind: "foreign" });
});
