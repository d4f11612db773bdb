import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import * as z from "zod";

/**
 * - `up`: stores and answers 201.
 * - `error`: answers 500 and stores nothing.
 * - `hang`: takes the request and never answers.
 * - `lose-answer`: stores, then cuts the connection.
 * - `break-off`: stores, answers 201, and cuts the connection in the body.
 */
type Mode = "up" | "error" | "hang" | "lose-answer" | "break-off";

const Stored = z.looseObject({ external_id: z.string() });
type Stored = z.infer<typeof Stored>;

export interface IncidentsServer {
  /** Also while it is down. */
  url: string;
  stored: Stored[];
  /** Every request: method, path with query, and headers. */
  requests: { method: string; url: string; headers: IncomingMessage["headers"] }[];
  up(): Promise<void>;
  /** Nobody listens any more. */
  down(): Promise<void>;
}

/** The security incidents of ClaudeTools as we assume them. Down at first. @param modeOf - How the nth POST ends, from 1. */
export async function createIncidentsServer({
  modeOf = () => "up",
  find = (stored, id) => ({ status: 200, body: stored.filter(({ external_id }) => external_id === id) }),
  answer = () => 201,
}: {
  modeOf?: (post: number) => Mode;
  /** The answer to a GET. */
  find?: (stored: Stored[], id: string | null) => { status: number; body: unknown };
  /** The status of the nth POST; from 300 on nothing is stored. */
  answer?: (post: number) => number;
} = {}): Promise<IncidentsServer> {
  const stored: Stored[] = [];
  const requests: IncidentsServer["requests"] = [];
  let posts = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    requests.push({ method, url, headers });
    let body = "";
    for await (const chunk of request) body += chunk;
    const { pathname, searchParams } = new URL(url, "http://localhost");
    if (pathname !== "/api/security-incidents" || headers.authorization !== "Bearer test-key") {
      return end(response, pathname === "/api/security-incidents" ? 401 : 404, { detail: "no" });
    }
    if (method === "GET") {
      const found = find(stored, searchParams.get("external_id"));
      return end(response, found.status, found.body);
    }
    posts += 1;
    const mode = modeOf(posts);
    if (mode === "hang") return;
    if (mode === "error") return end(response, 500, "<h1>Internal Server Error</h1>");
    const status = answer(posts);
    if (status < 300) stored.push(Stored.parse(JSON.parse(body)));
    if (mode === "lose-answer") return void request.socket.destroy();
    if (mode === "break-off") {
      response.writeHead(201, { "content-type": "application/json", "content-length": 100 });
      return void response.write('{"id": 1', () => request.socket.destroy());
    }
    end(response, status, { detail: [{ loc: ["body", "severity"], msg: "no", type: "enum" }] });
  }

  function end(response: ServerResponse, status: number, body: unknown): void {
    const headers = {
      "content-type": "application/json",
      ...(status > 299 ? { location: "/elsewhere" } : {}),
    };
    response.writeHead(status, headers).end(JSON.stringify(body));
  }

  const server = createServer((request, response) => void handle(request, response));
  async function listen(port: number): Promise<number> {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address: AddressInfo | string | null = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }
  async function down(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }
  const port = await listen(0);
  await down();
  onTestFinished(down);
  return {
    url: `http://127.0.0.1:${port}`,
    stored,
    requests,
    down,
    up: async () => void (await listen(port)),
  };
}
