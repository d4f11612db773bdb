import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import { CoverageArtifact } from "../../../../worker/findings/coverage-artifact.ts";
import type { Coverage } from "../../../../worker/findings/findings.ts";
import { type CheckUserOptions, createCheckUser } from "../../../../worker/toolkit/builtin/check-user.ts";
import type { ExitCode, Program } from "../../../../worker/toolkit/builtin/program.ts";
import {
  createSweepTenant,
  type SweepTenantOptions,
} from "../../../../worker/toolkit/builtin/sweep-tenant.ts";
import { type CheckLine, parseCheckLine } from "../../../../worker/toolkit/check-line.ts";
import { type GraphOptions, type GraphSandbox, startGraph } from "../../../sandbox/graph.ts";
import type { SandboxTenant } from "../../../sandbox/tenants/tenant.ts";

export const NOW = Date.parse("2026-11-22T09:00:00Z");

export interface ToolkitRun {
  exitCode: ExitCode;
  stdout: string[];
  stderr: string[];
  lines: CheckLine[];
  coverage: Coverage[];
  row: (check: Coverage["check"]) => Coverage;
  /** Every wait that the program made, in milliseconds. */
  waits: number[];
}

interface Clock {
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

/** The stand-in and the program, with one clock between them that waiting turns forward: nothing really waits. */
export async function openSandbox(options: GraphOptions = {}) {
  let clockMs = NOW;
  const graph = await startGraph({ now: NOW, clock: () => clockMs, ...options });
  const artifactsFolder = await mkdtemp(join(tmpdir(), "builtin-toolkit-"));

  function tenant(domain = "contoso.com"): SandboxTenant {
    const found = graph.tenants.find(({ domains }) => domains.some(({ id }) => id === domain));
    if (!found) throw new Error(`no tenant ${domain}`);
    return found;
  }

  const env: Record<string, string> = {
    GRAPH_BASE_URL: graph.graphUrl,
    LOGIN_BASE_URL: graph.loginUrl,
    EXCHANGE_BASE_URL: graph.exchangeUrl,
    M365_CLIENT_ID: graph.clientId,
    M365_CLIENT_SECRET: graph.clientSecret,
    REMEDIATION_ARTIFACTS: artifactsFolder,
  };

  async function checkUser(
    upn: string,
    change: CheckUserOptions & {
      tenantId?: string;
      env?: Record<string, string>;
      signal?: AbortSignal;
      /** How far this machine's clock is ahead of Microsoft's. */
      skewMs?: number;
    } = {},
  ): Promise<ToolkitRun> {
    const {
      tenantId = tenant(upn.split("@")[1] ?? "").id,
      env: envChange,
      signal,
      skewMs = 0,
      ...programOptions
    } = change;
    const create = (clock: Clock) =>
      createCheckUser({ ...clock, now: () => clockMs + skewMs, ...programOptions });
    return run(create, [tenantId, upn], { tenantId, env: envChange, signal });
  }

  async function sweep(
    domain: string,
    change: SweepTenantOptions & { args?: string[]; signal?: AbortSignal } = {},
  ): Promise<ToolkitRun> {
    const { args = [], signal, ...programOptions } = change;
    const tenantId = tenant(domain).id;
    const create = (clock: Clock) => createSweepTenant({ ...clock, ...programOptions });
    return run(create, [tenantId, ...args], { tenantId, signal });
  }

  async function run(
    create: (clock: Clock) => Program,
    args: string[],
    {
      tenantId,
      env: envChange,
      signal,
    }: {
      tenantId: string;
      env?: Record<string, string> | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<ToolkitRun> {
    const stdout: string[] = [];
    const stderr: string[] = [];
    const waits: number[] = [];
    const program = create({
      now: () => clockMs,
      sleep: async (ms) => {
        waits.push(ms);
        clockMs += ms;
      },
    });
    const exitCode = await program({
      args,
      env: { ...env, ...envChange },
      print: (line) => stdout.push(line),
      complain: (line) => stderr.push(line),
      signal: signal ?? new AbortController().signal,
    });
    const artifact = await readArtifact("coverage.json", CoverageArtifact, tenantId).catch(() => undefined);
    const coverage = artifact?.checks ?? [];
    return {
      exitCode,
      stdout,
      stderr,
      lines: stdout.map(parseCheckLine).filter((line) => line !== undefined),
      coverage,
      row(check) {
        const found = coverage.find((row) => row.check === check);
        if (!found) throw new Error(`no row ${check} in ${JSON.stringify(coverage)}`);
        return found;
      },
      waits,
    };
  }

  async function readArtifact<T extends z.ZodType>(
    name: string,
    schema: T,
    tenantId = tenant().id,
  ): Promise<z.output<T>> {
    return schema.parse(JSON.parse(await readFile(join(artifactsFolder, tenantId, name), "utf8")));
  }

  return {
    graph,
    env,
    artifactsFolder,
    tenant,
    checkUser,
    sweep,
    readArtifact,
    artifactNames: async (tenantId = tenant().id) => (await readdir(join(artifactsFolder, tenantId))).sort(),
    close: async () => {
      await graph.close();
      await rm(artifactsFolder, { recursive: true });
    },
  };
}
export type Sandbox = Omit<Awaited<ReturnType<typeof openSandbox>>, "graph"> & { graph: GraphSandbox };
