import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import { closeServer } from "../../src/close-server.ts";
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

  let server: ServerType | undefined;
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, resolve);
    server.once("error", reject);
  });
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      if (server) await closeServer(server);
    },
  };
}
