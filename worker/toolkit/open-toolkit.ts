import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { redact } from "../../src/redact.ts";
import { Domain, Guid, Upn } from "../../src/tenant.ts";
import { snapshotArtifacts, takeArtifacts, writeManifest } from "./artifacts.ts";
import { bashCommand, findBash, msysFolders, type Program } from "./bash.ts";
import { HEAP_LIMITS } from "./builtin/heap-limits.ts";
import { nativePath, toPosixPath, toWindowsPath } from "./paths.ts";
import { type RunScriptOptions, runScript } from "./run-script.ts";
import { microsoftEnvironment, systemEnvironment } from "./script-environment.ts";
import type { Entry, InvestigationEntry, ScriptEnding, ScriptRun, Toolkit } from "./toolkit.ts";

const BUILT_IN_FOLDER = fileURLToPath(new URL("./builtin", import.meta.url));
const DEFAULT_ARTIFACTS = "/tmp/remediation-tool";
const PRIVATE_TOOLKIT = [".claude", "skills", "remediation-tool", "scripts"];

export interface OpenToolkitOptions {
  /** `REMEDIATION_SCRIPTS`. Default: the private toolkit below `claudetoolsRoot` if it is there, else the built-in one. */
  folder?: string | undefined;
  /** `REMEDIATION_ARTIFACTS`. Default: `/tmp/remediation-tool`, as the toolkit's own bash sees it. */
  artifactsDir?: string | undefined;
  /** `GIT_BASH_PATH`. Looked for only if the toolkit holds shell scripts. */
  bash?: string | undefined;
  vaultPath?: string | undefined;
  claudetoolsRoot?: string | undefined;
  /** This process's environment, of which scripts see a small part: script-environment.ts. */
  env: Readonly<NodeJS.ProcessEnv>;
  /** More variables for the built-in toolkit, such as the app registrations of the vault. Asked before each run. */
  credentials?: () => Promise<Record<string, string>>;
  log: Log;
  /** What counts as the built-in toolkit, which alone gets the `M365_*` variables. For tests. */
  builtInFolder?: string;
  nodePath?: string;
  /** Passed on to every run. For tests. */
  limits?: Pick<RunScriptOptions, "graceMs" | "lingerMs" | "outputLimitBytes">;
}

/**
 * @throws {AppError} `CONFIG_INVALID` for a folder that isn't there, `BASH_NOT_FOUND` for one that needs bash.
 */
export async function openToolkit({
  folder: configuredFolder,
  artifactsDir,
  bash: configuredBash,
  vaultPath,
  claudetoolsRoot,
  env,
  credentials = async () => ({}),
  log,
  builtInFolder = BUILT_IN_FOLDER,
  nodePath = process.execPath,
  limits = {},
}: OpenToolkitOptions): Promise<Toolkit> {
  const folder = await findFolder({ configured: configuredFolder, claudetoolsRoot, builtInFolder });
  const kind = folder === resolve(builtInFolder) ? "built-in" : "foreign";
  const name = kind === "built-in" ? "built-in" : basename(folder);
  const programs = await listPrograms(folder);
  const needsBash = programs.some((file) => runnerOf(file) === "bash");
  const bash = needsBash ? await findBash({ configured: configuredBash, env }) : undefined;
  const artifacts = await locateArtifacts(artifactsDir, { bash, env });
  let version = await hashScripts(folder);

  // What both a person and a log may see of a script's lines: no secret of ours, no path of this machine.
  const microsoft = kind === "built-in" ? microsoftEnvironment(env, process.platform) : {};
  const prefixes = [folder, toPosixPath(folder)].flatMap((path) => [`${path}/`, `${path}\\`]);
  function cleaner(variables: Record<string, string>): (line: string) => string {
    const secrets = Object.entries(variables).flatMap(([key, value]) =>
      key.endsWith("_SECRET") ? [value] : [],
    );
    return (line) =>
      redact(
        prefixes.reduce((text, prefix) => text.replaceAll(prefix, ""), line),
        secrets,
      );
  }

  async function runEntry(
    entry: Entry,
    args: string[],
    options: Pick<RunScriptOptions, "signal" | "deadlineMs" | "onLine">,
  ): Promise<ScriptRun> {
    const file = await findEntry(folder, entry);
    if (file === undefined) {
      const reason = `the toolkit "${name}" has no program named ${entry} (.sh, .ts, .mjs or .js)`;
      return { ending: { kind: "not-started", reason }, durationMs: 0, transcript: "", survivors: 0 };
    }
    const runner = runnerOf(file);
    const script = join(folder, file);
    const program =
      runner === "bash" && bash !== undefined
        ? bashCommand({ bash, script, args, platform: process.platform })
        : nodeCommand({ nodePath, options: kind === "built-in" ? HEAP_LIMITS : [], script, args });
    // Whoever resolves a domain signs in nowhere.
    const signsIn = kind === "built-in" && entry !== "resolve-tenant";
    const variables = signsIn ? { ...microsoft, ...(await credentials()) } : microsoft;
    const run = await runScript(program, {
      ...limits,
      ...options,
      cwd: folder,
      env: {
        ...systemVariables(env, runner === "bash" ? bash : undefined),
        ...variables,
        ...pathVariables(runner, {
          REMEDIATION_ARTIFACTS: runner === "bash" ? artifacts.inBash : artifacts.native,
          VAULT_PATH: vaultPath,
          CLAUDETOOLS_ROOT: claudetoolsRoot,
        }),
      },
      clean: cleaner(variables),
      bash: runner === "bash" ? bash : undefined,
    });
    const { ending, durationMs, survivors } = run;
    log.info({ toolkit: name, version, entry, ending, durationMs, survivors }, "script ended");
    if (survivors !== 0) log.warn({ toolkit: name, entry, survivors }, "processes of a script may run on");
    return run;
  }

  return {
    kind,
    name,
    get version() {
      return version;
    },

    async inspect() {
      const files = (await listPrograms(folder)).toSorted();
      const names = files.map((file) => basename(file, extname(file)));
      return {
        version: await hashScripts(folder),
        programs: await Promise.all(
          files.map(async (file) => ({ file, sha256: await hashFile(join(folder, file)) })),
        ),
        missing: ENTRIES.filter((entry) => !names.includes(entry)),
      };
    },

    async resolveTenant(tenant, options) {
      const tenantId = Guid.safeParse(tenant);
      if (tenantId.success) return tenantId.data;
      const domain = checked(Domain, tenant, "a domain, for example contoso.com, or a tenant id");

      let found: string | undefined;
      const run = await runEntry("resolve-tenant", [domain], {
        ...options,
        onLine(line, stream) {
          // Not from stderr: error messages of Microsoft's carry GUIDs as well, and those are no tenants.
          if (stream === "stdout") found ??= GUID_ANYWHERE.exec(line)?.[0].toLowerCase();
          options.onLine?.(line);
        },
      });
      if (run.ending.kind === "aborted") throw options.signal.reason;
      if (run.ending.kind === "exited" && run.ending.code === 0 && found !== undefined) return found;
      throw new AppError("TENANT_NOT_RESOLVED", notResolved(domain, run));
    },

    async investigate(entry, { tenantId, rest, caseFolder }, options) {
      // They become arguments of a program, so they are looked at here too, wherever they come from.
      const id = checked(Guid, tenantId, "a tenant id");
      const { schema, expected } = ARGUMENTS[entry];
      const args = checked(schema, rest, expected);

      // The toolkit may have been updated since this process began.
      version = await hashScripts(folder);
      await mkdir(artifacts.native, { recursive: true, mode: 0o700 });
      await mkdir(caseFolder, { recursive: true, mode: 0o700 });

      const source = { artifactsDir: artifacts.native, tenantId: id };
      const before = await snapshotArtifacts(source);
      const run = await runEntry(entry, [id, ...args], options);
      const taken = await takeArtifacts({ ...source, before, caseFolder });
      await writeManifest({ caseFolder, tenantId: id, entry, ending: run.ending, ...taken });
      return { run, ...taken };
    },
  };
}

/** What follows the tenant id. */
const ARGUMENTS: Record<InvestigationEntry, { schema: z.ZodType<string[]>; expected: string }> = {
  "user-breach-check": {
    schema: z.tuple([Upn]),
    expected: "one sign-in name, for example jane@contoso.com",
  },
  "tenant-sweep": { schema: z.tuple([]), expected: "nothing but the tenant" },
};

const GUID_ANYWHERE = /(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])/i;

function checked<T>(schema: z.ZodType<T>, value: unknown, expected: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError("INVALID_ARGUMENT", `Expected ${expected}. Nothing was run.`);
}

function notResolved(domain: string, { ending, transcript }: ScriptRun): string {
  const said = transcript.split("\n").findLast((line) => line.trim() !== "");
  const quote = said === undefined ? "" : ` It said: ${said.slice(0, 300)}`;
  const how = `resolve-tenant ${endingInWords(ending)}`;
  return ending.kind === "exited"
    ? `No tenant was found for ${domain}: ${how}.${quote} Check the spelling, or give the tenant id itself.`
    : `Which tenant ${domain} is could not be found out, because ${how}.${quote} Try again, or give the tenant id itself; if it stays so, tell whoever runs the worker.`;
}

function endingInWords(ending: ScriptEnding): string {
  switch (ending.kind) {
    case "exited":
      return ending.code === 0 ? "printed no tenant id" : `failed with exit code ${ending.code}`;
    case "killed-by-signal":
      return `was ended by ${ending.signal}`;
    case "timed-out":
      return `took longer than ${Math.round(ending.afterMs / 1000)} s`;
    case "aborted":
      return "was stopped";
    case "flooded":
      return "printed without end";
    case "not-started":
      return `could not be started (${ending.reason})`;
  }
}

interface FindFolderOptions {
  configured: string | undefined;
  claudetoolsRoot: string | undefined;
  builtInFolder: string;
}

async function findFolder({
  configured,
  claudetoolsRoot,
  builtInFolder,
}: FindFolderOptions): Promise<string> {
  if (configured !== undefined) {
    const folder = resolve(nativePath(configured));
    if (await isFolder(folder)) return folder;
    throw new AppError(
      "CONFIG_INVALID",
      `Expected REMEDIATION_SCRIPTS to be a folder of scripts, but there is none at ${folder}. Correct it, or leave it out to use the built-in toolkit.`,
    );
  }
  if (claudetoolsRoot !== undefined) {
    const folder = resolve(nativePath(claudetoolsRoot), ...PRIVATE_TOOLKIT);
    if (await isFolder(folder)) return folder;
  }
  return resolve(builtInFolder);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

// In the order in which they are looked for: a program without an extension is a shell script.
const EXTENSIONS = [".sh", ".ts", ".mjs", ".js", ""];

async function findEntry(folder: string, entry: Entry): Promise<string | undefined> {
  const programs = await listPrograms(folder);
  return EXTENSIONS.map((extension) => entry + extension).find((file) => programs.includes(file));
}

const ENTRIES: readonly Entry[] = ["resolve-tenant", "tenant-sweep", "user-breach-check"];

async function listPrograms(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files.filter(
    (file) =>
      ENTRIES.some((entry) => entry === basename(file, extname(file))) && EXTENSIONS.includes(extname(file)),
  );
}

type Runner = "bash" | "node";

function runnerOf(file: string): Runner {
  return [".sh", ""].includes(extname(file)) ? "bash" : "node";
}

function nodeCommand({
  nodePath,
  options,
  script,
  args,
}: {
  nodePath: string;
  options: readonly string[];
  script: string;
  args: string[];
}): Program {
  if (!script.endsWith(".ts")) return { file: nodePath, args: [...options, script, ...args] };
  // A URL, because Node takes the drive letter of a Windows path for a scheme.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  return { file: nodePath, args: [...options, "--import", tsx, script, ...args] };
}

function systemVariables(env: Readonly<NodeJS.ProcessEnv>, bash: string | undefined): Record<string, string> {
  const system = systemEnvironment(env, process.platform);
  if (process.platform !== "win32" || bash === undefined) return system;
  return { ...system, PATH: [...msysFolders(bash), system.PATH ?? ""].join(";") };
}

/** Paths as the script's own shell writes them; those that are not set are left out. */
function pathVariables(runner: Runner, paths: Record<string, string | undefined>): Record<string, string> {
  const convert = runner === "bash" ? bashPath : nativePath;
  return Object.fromEntries(
    Object.entries(paths).flatMap(([name, path]) => (path === undefined ? [] : [[name, convert(path)]])),
  );
}

function bashPath(path: string): string {
  return process.platform === "win32" ? toPosixPath(path) : path;
}

const WINDOWS_PATH_SCRIPT = fileURLToPath(new URL("./msys/windows-path.sh", import.meta.url));

/** The artifact folder as we and as the toolkit's bash write it: Git Bash's `/tmp` is the account's own %TEMP%. */
async function locateArtifacts(
  configured: string = DEFAULT_ARTIFACTS,
  { bash, env }: { bash: string | undefined; env: Readonly<NodeJS.ProcessEnv> },
): Promise<{ native: string; inBash: string }> {
  if (process.platform !== "win32") return { native: resolve(configured), inBash: resolve(configured) };

  const converted = toWindowsPath(configured);
  if (!converted.startsWith("/"))
    return { native: resolve(converted), inBash: toPosixPath(resolve(converted)) };

  // Without a bash there is nobody whose /tmp could be another.
  if (bash === undefined) {
    const native = join(tmpdir(), configured.replace(/^\/tmp\//, ""));
    return { native, inBash: configured };
  }
  let native: string | undefined;
  const command = bashCommand({ bash, script: WINDOWS_PATH_SCRIPT, args: [configured], platform: "win32" });
  await runScript(command, {
    cwd: tmpdir(),
    env: systemVariables(env, bash),
    signal: new AbortController().signal,
    deadlineMs: 10_000,
    bash,
    onLine: (line, stream) => {
      if (stream === "stdout") native ??= line;
    },
  });
  if (native !== undefined) return { native, inBash: configured };
  throw new AppError(
    "ARTIFACTS_NOT_FOUND",
    `Expected Git Bash to say where ${configured} lies on Windows, but its cygpath did not answer. Set REMEDIATION_ARTIFACTS to a Windows path.`,
  );
}

async function hashFile(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

const MAX_HASHED_FILES = 500;

/** A short hash over names and contents of all that may run, so that a report can say what it was made with. */
async function hashScripts(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .slice(0, MAX_HASHED_FILES);
  for (const file of files) {
    const name = file.slice(folder.length + 1).replaceAll("\\", "/");
    hash
      .update(`${name}\0`)
      .update(await readFile(file).catch(() => ""))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}
