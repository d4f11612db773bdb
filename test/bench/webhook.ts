import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { createDiscordKeys } from "../discord-keys.ts";
import { APPLICATION, commandInteraction, GUILD, TECH_ROLE } from "../interactions.ts";
import { createRedisServer } from "../redis-server.ts";

const REQUESTS = 3_000;
const ROUNDS = 9;
const CONNECTIONS = 64;

interface Round {
  perSecond: number;
  latencies: number[];
  /** Answers that were not what this server gives when all is well. */
  wrong: number;
}

/** Each is the base URL of an endpoint. */
interface Servers {
  "this webhook, Redis": string;
  "this webhook, embedded": string;
  "verify only, in the handler": string;
  "verify only, as a middleware": string;
}

/**
 * Signed `/breach-check` requests against four endpoints, in rounds that take turns, so that whatever else the machine
 * does meets all of them: this webhook with Redis, with the embedded queue, and the two ways in which the samples of the
 * ecosystem only verify, both with the key as text.
 */
export async function benchWebhook(): Promise<void> {
  const redis = await createRedisServer();
  const dataDir = await mkdtemp(join(tmpdir(), "bench-"));
  const keys = createDiscordKeys();
  const ours = {
    DISCORD_APPLICATION_ID: APPLICATION,
    DISCORD_PUBLIC_KEY: keys.publicKey,
    DISCORD_GUILD_ID: GUILD,
    DISCORD_TECH_ROLES: TECH_ROLE,
    PORT: "0",
    DATA_DIR: dataDir,
  };
  const children: ChildProcess[] = [];
  const start = async (program: string, environment: Record<string, string>, execArgv: string[] = []) => {
    const child = fork(new URL(program, import.meta.url), {
      execArgv: [...execArgv, ...process.execArgv],
      env: { ...process.env, ...environment },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    children.push(child);
    const [url] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => {
        throw new Error(`Expected ${program} to listen, but it ended with ${code}.`);
      }),
    ]);
    return String(url);
  };

  // As `npm run webhook` does.
  const asInstalled = [
    "--require",
    fileURLToPath(new URL("../../src/verification-threads.cjs", import.meta.url)),
  ];

  try {
    const samples = await start("./verify-only-server.ts", { PUBLIC_KEY: keys.publicKey });
    const servers: Servers = {
      "this webhook, Redis": await start(
        "./webhook-server.ts",
        { ...ours, REDIS_URL: redis.url },
        asInstalled,
      ),
      "this webhook, embedded": await start("./webhook-server.ts", { ...ours, REDIS_URL: "" }),
      "verify only, in the handler": `${samples}/handler`,
      "verify only, as a middleware": `${samples}/middleware`,
    };
    const rounds = new Map<string, Round[]>(Object.keys(servers).map((name) => [name, []]));
    for (const url of Object.values(servers)) await load(url, keys, 500);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, url] of Object.entries(servers))
        rounds.get(name)?.push(await load(url, keys, REQUESTS));
    }
    print(rounds);
  } finally {
    for (const child of children) child.kill();
    await redis.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function load(url: string, keys: ReturnType<typeof createDiscordKeys>, amount: number): Promise<Round> {
  // Signed beforehand: signing costs more than verifying, and it is not what is measured.
  const signed = Array.from({ length: amount }, () => {
    const body = JSON.stringify(
      commandInteraction("breach-check", { tenant: "contoso.com", upn: "adele@contoso.com" }),
    );
    return { body, headers: keys.headers(body) };
  });
  const latencies: number[] = [];
  let next = 0;
  let wrong = 0;
  const startedAt = performance.now();
  let lastAt = startedAt;
  await new Promise<void>((done, fail) => {
    const options: autocannon.Options = {
      url,
      amount,
      connections: CONNECTIONS,
      requests: [
        {
          method: "POST",
          path: `${new URL(url).pathname.replace(/\/$/, "")}/interactions`,
          setupRequest: (request) => ({ ...request, ...signed[next++ % amount] }),
          onResponse: (status, body) => {
            if (status !== 200 || body !== '{"type":5}') wrong += 1;
          },
        },
      ],
    };
    const instance = autocannon(options, (error) => (error ? fail(error) : done()));
    instance.on("response", (_client, _status, _bytes, milliseconds) => {
      latencies.push(milliseconds);
      // The end of the run itself comes with autocannon's next tick of a second.
      lastAt = performance.now();
    });
  });
  return { perSecond: (amount / (lastAt - startedAt)) * 1000, latencies, wrong };
}

function print(rounds: Map<string, Round[]>): void {
  const median = (values: number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const percentile = (values: number[], share: number) =>
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
    Number.NaN;

  const rows = [...rounds].map(([name, measured]) => {
    const latencies = measured.flatMap((round) => round.latencies);
    return {
      server: name,
      "requests/s": Math.round(median(measured.map((round) => round.perSecond))),
      "p50 ms": percentile(latencies, 0.5).toFixed(1),
      "p95 ms": percentile(latencies, 0.95).toFixed(1),
      "p99 ms": percentile(latencies, 0.99).toFixed(1),
      wrong: measured.reduce((sum, round) => sum + round.wrong, 0),
    };
  });
  const [redis, embedded, inHandler, asMiddleware] = rows.map((row) => row["requests/s"]);
  console.log(
    `${ROUNDS} rounds of ${REQUESTS} signed requests each, ${CONNECTIONS} connections, medians of the rounds`,
  );
  console.table(rows);
  if (!redis || !embedded || !inHandler || !asMiddleware) return;
  const against = (rate: number) =>
    `${(rate / inHandler).toFixed(2)} × verify only in the handler, ${(rate / asMiddleware).toFixed(2)} × as a middleware`;
  console.log(`with Redis: ${against(redis)}\nembedded: ${against(embedded)}`);
}
