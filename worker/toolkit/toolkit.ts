/** The programs that a toolkit folder may hold, by name without extension. */
export type Entry = "resolve-tenant" | InvestigationEntry;

/** Those that leave artifacts to be judged. */
export type InvestigationEntry = "user-breach-check" | "tenant-sweep";

/**
 * How a script ended. `exited` is the only ending that the script chose itself.
 * - `timed-out`, `aborted`: killed with its descendants, at the deadline or on the signal.
 * - `flooded`: killed because it printed more than the output limit.
 * - `not-started`: there was no such program, or the system refused to start it; `reason` begins in lower case.
 */
export type ScriptEnding =
  | { kind: "exited"; code: number }
  | { kind: "killed-by-signal"; signal: string }
  | { kind: "timed-out"; afterMs: number }
  | { kind: "aborted" }
  | { kind: "flooded"; limitBytes: number }
  | { kind: "not-started"; reason: string };

export interface ScriptRun {
  ending: ScriptEnding;
  durationMs: number;
  /** The last lines of stdout and stderr as they came, `\r` and terminal escapes removed, secrets redacted. */
  transcript: string;
  /** Processes of the script that are known to have survived the kill; "unknown" where that cannot be told. */
  survivors: number | "unknown";
}

export interface RunOptions {
  signal: AbortSignal;
  deadlineMs: number;
  /** Each line of stdout and stderr as it comes, cleaned and redacted as in `transcript`. Must not throw. */
  onLine?: (line: string) => void;
}

/** One artifact that a run left behind, already copied into the case folder. */
export interface Artifact {
  /** Path inside the tenant's artifact folder, with forward slashes; unique within a case. */
  name: string;
  /** Absolute path of the copy. */
  path: string;
  sizeBytes: number;
  sha256: string;
}

/** A file that a run left behind and that was not taken over, or not whole. */
export interface LeftOut {
  name: string;
  reason: string;
  /** Whether records may be lost with it. */
  isEvidence: boolean;
}

interface ToolkitState {
  /** As `version`, of now. */
  version: string;
  /** The programs by file name, with the SHA-256 of each in hexadecimal, as `sha256sum` gives it. */
  programs: { file: string; sha256: string }[];
  /** The programs that there are none of; what needs them ends in a sentence. */
  missing: Entry[];
}

/** A folder of programs that investigate a tenant; the built-in one and a private one are run alike. */
export interface Toolkit {
  kind: "built-in" | "foreign";
  /** For findings.json: the folder's own name, and the hash over all scripts in it when the last one ran. */
  name: string;
  version: string;
  /** What its folder holds now. */
  inspect(): Promise<ToolkitState>;
  /**
   * The tenant id behind a domain: the first GUID that `resolve-tenant` prints. A tenant id resolves to itself.
   * @throws {AppError} `TENANT_NOT_RESOLVED` with what the script said, `INVALID_ARGUMENT` for what is neither; the
   * signal's reason if it was aborted.
   */
  resolveTenant(tenant: string, options: RunOptions): Promise<string>;
  /**
   * Runs an entry for a tenant and takes what it left: new or changed files below the tenant's artifact folder,
   * copied into `caseFolder/artifacts`, with `caseFolder/manifest.json`. Runs of one tenant must not overlap:
   * hold the tenant's lease. However the script ends, what it left until then is taken.
   * @throws {AppError} `INVALID_ARGUMENT`, before anything is run.
   */
  investigate(
    entry: InvestigationEntry,
    args: { tenantId: string; rest: string[]; caseFolder: string },
    options: RunOptions,
  ): Promise<{ run: ScriptRun; artifacts: Artifact[]; leftOut: LeftOut[] }>;
}
