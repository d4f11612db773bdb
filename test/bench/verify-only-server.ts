import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { verifyKey } from "discord-interactions";
import { Hono } from "hono";

// What the ecosystem's samples do: verify with the key as text, answer, and that is all.
const publicKey = process.env.PUBLIC_KEY ?? "";
const app = new Hono();
app.post("/interactions", async (c) => {
  const signature = c.req.header("x-signature-ed25519") ?? "";
  const timestamp = c.req.header("x-signature-timestamp") ?? "";
  const body = await c.req.text();
  if (!(await verifyKey(body, signature, timestamp, publicKey))) return c.text("Bad request signature", 401);
  const interaction = JSON.parse(body);
  return c.json({ type: interaction.type === 1 ? 1 : 5 });
});

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }: AddressInfo) => {
  process.send?.(`http://127.0.0.1:${port}`);
});

// The bench that started it is gone.
process.on("disconnect", () => process.exit());
