import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HEAP_LIMITS } from "../../worker/toolkit/builtin/heap-limits.ts";
import { type GraphSandbox, startGraph } from "../sandbox/graph.ts";
import { signInFlood } from "../sandbox/tenants/sign-in-flood.ts";

const SIGN_INS = [3_000, 30_000, 300_000];
const PROGRAM = fileURLToPath(new URL("./sweep-program.ts", import.meta.url));
/** What the issue allows. */
const LIMIT_MIB = 300;

/**
 * The peak memory of the sweep's process by the number of sign-ins, a third of which an attacker made up to fill it. The
 * stand-in makes them page by page in a process of its own.
 */
export async function benchSweepMemory(): Promise<void> {
  const rows = [];
  for (const count of SIGN_INS) {
    const now = Date.now();
    const graph = await startGraph({ now, pageSize: 1_000, reportsWindowMs: 0 });
    try {
      rows.push({ "sign-ins": count, ...(await sweep(graph, { now, count })) });
    } finally {
      await graph.close();
    }
  }
  console.log(`tenant-sweep over one tenant, pages of 1,000; the limit is ${LIMIT_MIB} MiB`);
  console.table(rows);
}

async function sweep(graph: GraphSandbox, { now, count }: { now: number; count: number }) {
  const tenant = graph.tenants.find(({ licence }) => licence === "p1");
  if (tenant === undefined) throw new Error("Expected the sandbox to have a tenant with P1.");
  tenant.activity.flood = signInFlood(now, count);
  const folder = await mkdtemp(join(tmpdir(), "sweep-memory-"));
  const { PATH = "", SYSTEMROOT = "" } = process.env;
  try {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [...HEAP_LIMITS, "--import", "tsx", PROGRAM, tenant.id], {
      env: {
        PATH,
        SYSTEMROOT,
        GRAPH_BASE_URL: graph.graphUrl,
        LOGIN_BASE_URL: graph.loginUrl,
        M365_CLIENT_ID: graph.clientId,
        M365_CLIENT_SECRET: graph.clientSecret,
        REMEDIATION_ARTIFACTS: folder,
      },
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
    await once(child, "close");
    const peakMib = Number(/peak RSS (\d+) KiB/.exec(stderr)?.[1]) / 1024;
    const read = /"check":"signins","state":"ok","records":(\d+)/.exec(stdout)?.[1];
    return {
      read: Number(read),
      "peak RSS MiB": Math.round(peakMib),
      seconds: Number(((performance.now() - startedAt) / 1000).toFixed(1)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
