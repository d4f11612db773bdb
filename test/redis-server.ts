import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real Redis of a test's own, on a free port, with its data in a temporary folder. */
export interface RedisServer {
  url: string;
  port: number;
  /** Accepts connections and commands from now on, and answers none (SIGSTOP). */
  freeze(): void;
  thaw(): void;
  /** SIGKILL. What it wrote to its append-only file stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

/**
 * Why tests that need Redis are skipped, or `false` when they run. In CI they can't be skipped, but on Windows.
 * Use as `describe.skipIf(redisMissing)`.
 */
export const redisMissing = findRedis();

function findRedis(): string | false {
  if (spawnSync("redis-server", ["--version"]).status === 0) return false;
  const reason = "no redis-server on the PATH, so the tests that need Redis do not run";
  // There is no Redis for Windows.
  if (process.env.CI && process.platform !== "win32")
    throw new Error(`Expected redis-server to be installed in CI: ${reason}.`);
  console.warn(`Skipped: ${reason}.`);
  return reason;
}

/** @param running - `false` reserves the port and starts nothing yet. */
export async function createRedisServer({ running = true } = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function start() {
    const options = {
      port,
      dir: folder,
      bind: "127.0.0.1",
      appendonly: "yes",
      save: "",
      loglevel: "warning",
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const started = spawn("redis-server", args, { stdio: "ignore" });
    server = started;
    while (!(await pongs(port))) {
      if (started.exitCode !== null)
        throw new Error(`redis-server ended with ${started.exitCode} at its start`);
    }
  }
  async function kill() {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  }

  if (running) await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    freeze: () => void server?.kill("SIGSTOP"),
    thaw: () => void server?.kill("SIGCONT"),
    kill,
    start,
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("Expected a TCP address.");
  return address.port;
}

function pongs(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (data) => end(data.toString().startsWith("+PONG")));
    // The pause between two attempts.
    socket.once("error", () => setTimeout(end, 20, false));
  });
}
