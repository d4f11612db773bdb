import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCheckUser } from "../../worker/toolkit/builtin/check-user.ts";
import { USER_CHECKS } from "../../worker/toolkit/builtin/checks/index.ts";
import { parseCheckLine } from "../../worker/toolkit/check-line.ts";
import { startGraph } from "../sandbox/graph.ts";

const LATENCY_MS = 200;
/** What the issue allows of the whole run, against its slowest check. */
const LIMIT = 1.5;
const ROUNDS = 3;
const ACCOUNTS = [
  ["compromised, P2", "contoso.com", "adele@contoso.com"],
  ["clean, P2", "contoso.com", "megan@contoso.com"],
  ["clean, P1", "northwind.com", "nancy@northwind.com"],
  ["clean, free", "fabrikam.com", "pat@fabrikam.com"],
] as const;

/** The time of a user's ten checks against the slowest of them, and against one check after the other. */
export async function benchUserCheck(): Promise<void> {
  const rows = [];
  for (const [account, domain, upn] of ACCOUNTS) {
    const runs = [];
    for (let round = 0; round < ROUNDS; round += 1) runs.push(await run(domain, upn, USER_CHECKS));
    const together = runs.reduce((best, next) => (next.wallMs < best.wallMs ? next : best));
    // Each alone on its own sandbox, without the time of signing in, which would be paid once.
    let oneByOneMs = 0;
    for (const check of USER_CHECKS) oneByOneMs += (await run(domain, upn, [check])).slowestMs;
    rows.push({
      account,
      "wall ms": together.wallMs,
      "slowest check ms": together.slowestMs,
      ratio: Number((together.wallMs / together.slowestMs).toFixed(2)),
      "one by one ms": oneByOneMs,
    });
  }
  console.log(
    `user-breach-check with ${LATENCY_MS} ms for every answer, best of ${ROUNDS}; the limit is ${LIMIT} times the slowest check`,
  );
  console.table(rows);
}

/** Against a sandbox of its own, whose limits nobody has used up yet. */
async function run(domain: string, upn: string, checks: typeof USER_CHECKS) {
  const graph = await startGraph({ latencyMs: LATENCY_MS, pageSize: 1_000 });
  const folder = await mkdtemp(join(tmpdir(), "user-check-"));
  const tenant = graph.tenants.find(({ domains }) => domains.some(({ id }) => id === domain));
  if (tenant === undefined) throw new Error(`Expected the sandbox to have ${domain}.`);
  try {
    const durations: number[] = [];
    const startedAt = performance.now();
    await createCheckUser({ checks })({
      args: [tenant.id, upn],
      env: {
        GRAPH_BASE_URL: graph.graphUrl,
        LOGIN_BASE_URL: graph.loginUrl,
        EXCHANGE_BASE_URL: graph.exchangeUrl,
        M365_CLIENT_ID: graph.clientId,
        M365_CLIENT_SECRET: graph.clientSecret,
        REMEDIATION_ARTIFACTS: folder,
      },
      print: (line) => durations.push(parseCheckLine(line)?.durationMs ?? 0),
      complain: (line) => process.stderr.write(`${line}\n`),
      signal: new AbortController().signal,
    });
    return { wallMs: Math.round(performance.now() - startedAt), slowestMs: Math.max(...durations) };
  } finally {
    await graph.close();
    await rm(folder, { recursive: true, force: true });
  }
}
