import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { AppError } from "./errors.ts";

interface ListenOptions {
  fetch: Parameters<typeof serve>[0]["fetch"];
  hostname: string;
  port: number;
  /** The variables that the address comes from. */
  settings: string;
}

/**
 * Serves `fetch` over HTTP on Node.
 * @throws {AppError} `ADDRESS_IN_USE`, which passes when the other program ends; `CONFIG_INVALID` for any other address
 *   that cannot be listened on.
 */
export function listen({ fetch, hostname, port, settings }: ListenOptions): Promise<{
  server: ServerType;
  address: AddressInfo;
}> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port }, (address) => resolve({ server, address }));
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === "EADDRINUSE";
      const cure = inUse
        ? "Another program listens there, perhaps an earlier start of this one: end it, or set another."
        : `Correct ${settings}.`;
      reject(
        new AppError(
          inUse ? "ADDRESS_IN_USE" : "CONFIG_INVALID",
          `Expected to listen on ${hostname}, port ${port} (${settings}), but it is not possible: ${cause.message}. ${cure}`,
          { cause },
        ),
      );
    });
  });
}
