import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { verifyKey } from "discord-interactions";
import { Hono } from "hono";

const publicKey = process.env.PUBLIC_KEY ?? "";
const app = new Hono();

/** Verified where it is answered: the body is read once, as text. */
app.post("/handler/interactions", async (c) => {
  const signature = c.req.header("x-signature-ed25519") ?? "";
  const timestamp = c.req.header("x-signature-timestamp") ?? "";
  const body = await c.req.text();
  if (!(await verifyKey(body, signature, timestamp, publicKey))) return c.text("Bad request signature", 401);
  const interaction = JSON.parse(body);
  return c.json({ type: interaction.type === 1 ? 1 : 5 });
});

/** Verified before: a middleware reads a copy of the request and leaves the body to the handler. */
app.use("/middleware/interactions", async (c, next) => {
  const signature = c.req.header("x-signature-ed25519") ?? "";
  const timestamp = c.req.header("x-signature-timestamp") ?? "";
  const body = await c.req.raw.clone().text();
  if (!(await verifyKey(body, signature, timestamp, publicKey))) return c.text("Bad request signature", 401);
  return next();
});
app.post("/middleware/interactions", async (c) => {
  const interaction = await c.req.json();
  return c.json({ type: interaction.type === 1 ? 1 : 5 });
});

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }: AddressInfo) => {
  process.send?.(`http://127.0.0.1:${port}`);
});

// The bench that started it is gone.
process.on("disconnect", () => process.exit());
