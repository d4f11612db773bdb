import { Hono } from "hono";
import { closeServer } from "../../src/close-server.ts";
import { listen } from "../../src/listen.ts";
import type { AuditStatus } from "../audit/open-audit.ts";
import type { GatewayStatus } from "../discord/gateway/gateway.ts";

interface HealthOptions {
  port: number;
  /** How many jobs run now. */
  running: () => number;
  audit: () => AuditStatus;
  /** None: mentions are not switched on. */
  gateway: (() => GatewayStatus) | undefined;
}

export interface Health {
  url: string;
  close(): Promise<void>;
}

/** `GET /healthz` of the worker, for whoever watches the process. On 127.0.0.1 only. */
export async function startHealth({ port, running, audit, gateway }: HealthOptions): Promise<Health> {
  const startedAt = Date.now();
  const app = new Hono();
  app.get("/healthz", (c) =>
    c.json({
      status: "ok",
      uptimeSeconds: Math.round((Date.now() - startedAt) / 1000),
      running: running(),
      audit: audit(),
      gateway: gateway?.() ?? { state: "off" },
    }),
  );
  app.notFound((c) => c.text("Not found.", 404));

  const hostname = "127.0.0.1";
  const { server, address } = await listen({ fetch: app.fetch, hostname, port, settings: "OPS_PORT" });
  return {
    url: `http://${hostname}:${address.port}`,
    async close() {
      await closeServer(server);
    },
  };
}
