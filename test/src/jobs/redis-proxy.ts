import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a Redis on which a test can stand. */
export interface RedisProxy {
  url: string;
  /** While true, nothing that the server says arrives. */
  mute: boolean;
  /** Called with what a client sends, before the server gets it. */
  onCommand(command: string): void;
  /** How many clients are connected now. */
  connections(): number;
  close(): void;
}

export async function createProxy(port: number): Promise<RedisProxy> {
  const clients = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    clients.add(client);
    client.on("data", (data) => {
      proxy.onCommand(data.toString().toLowerCase());
      server.write(data);
    });
    server.on("data", (data) => void (proxy.mute || client.write(data)));
    client.on("error", () => {}).on("end", () => server.end());
    server.on("error", () => {}).on("close", () => client.destroy());
    client.on("close", () => {
      clients.delete(client);
      server.end();
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("Expected a TCP address.");

  const proxy: RedisProxy = {
    url: `redis://127.0.0.1:${address.port}`,
    mute: false,
    onCommand() {},
    connections: () => clients.size,
    close() {
      for (const client of clients) client.destroy();
      listener.close();
    },
  };
  return proxy;
}
