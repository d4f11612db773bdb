import { access, constants } from "node:fs/promises";
import { posix, win32 } from "node:path";
import { AppError } from "../../src/errors.ts";
import { toPosixPath, toWindowsPath } from "./paths.ts";

const GIT_BASH = "C:\\Program Files\\Git\\bin\\bash.exe";

interface FindBashOptions {
  /** `GIT_BASH_PATH`. */
  configured?: string | undefined;
  env: Readonly<NodeJS.ProcessEnv>;
  platform?: NodeJS.Platform;
}

/**
 * The absolute path of the bash that runs scripts, looked up once.
 * @throws {AppError} `BASH_NOT_FOUND`
 */
export async function findBash({
  configured,
  env,
  platform = process.platform,
}: FindBashOptions): Promise<string> {
  const candidates =
    platform === "win32" ? windowsBash(configured) : posixBash(configured ?? "bash", env.PATH);
  for (const path of candidates) if (await isExecutable(path)) return path;
  throw notFound(candidates.join(", "));
}

function windowsBash(configured = GIT_BASH): [string] {
  const path = toWindowsPath(configured);
  if (!win32.isAbsolute(path)) throw notFound(path);
  // Windows' own bash.exe starts the Linux subsystem, where neither our paths nor our programs exist.
  if (/\\(System32|SysWOW64|Sysnative|WindowsApps)\\/i.test(path)) {
    throw new AppError(
      "BASH_NOT_FOUND",
      `Expected GIT_BASH_PATH to be the bash of Git for Windows, got that of WSL ("${path}"). Set it to ${GIT_BASH}.`,
    );
  }
  return [path];
}

function posixBash(configured: string, path = "/usr/local/bin:/usr/bin:/bin"): string[] {
  if (configured.includes("/")) return [posix.resolve(configured)];
  return path
    .split(":")
    .filter((folder) => posix.isAbsolute(folder))
    .map((folder) => posix.join(folder, configured));
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function notFound(looked: string): AppError {
  return new AppError(
    "BASH_NOT_FOUND",
    `Expected bash at ${looked}, but nothing that can be run is there. Install it (on Windows: Git for Windows) or set GIT_BASH_PATH to its absolute path.`,
  );
}

/** What execa starts. */
export interface Program {
  file: string;
  args: string[];
  argv0?: string;
  windowsVerbatimArguments?: boolean;
}

/** `bash <script> <args>`, without profiles, and never a command line of ours with data in it. */
export function bashCommand({
  bash,
  script,
  args,
  platform,
}: {
  bash: string;
  script: string;
  args: string[];
  platform: NodeJS.Platform;
}): Program {
  const path = platform === "win32" ? toPosixPath(script) : script;
  const program = { file: bash, args: ["--noprofile", "--norc", path, ...args] };
  if (platform !== "win32" || !args.some((arg) => arg.includes("'"))) return program;

  // MSYS takes the command line apart itself, and an apostrophe opens a quotation there: o'brien@ would arrive as
  // obrien@, which is somebody else. Inside double quotes it is an ordinary character, and libuv adds those only
  // around spaces. Our arguments hold no double quote or backslash: src/tenant.ts.
  // https://github.com/cygwin/cygwin/blob/main/winsup/cygwin/dcrt0.cc (globify)
  return {
    file: bash,
    args: program.args.map((arg) => `"${arg}"`),
    argv0: `"${bash}"`,
    windowsVerbatimArguments: true,
  };
}

/**
 * The folders of MSYS's own programs, for the front of PATH: without a profile nobody else puts `grep` there.
 * @param bash - `...\Git\bin\bash.exe`, or the one in `...\Git\usr\bin`.
 */
export function msysFolders(bash: string): string[] {
  const root = win32.dirname(bash).replace(/(\\usr)?\\bin$/i, "");
  return [win32.join(root, "mingw64", "bin"), win32.join(root, "usr", "bin")];
}
