import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** An application's key pair, made on the spot, and the two headers that Discord sends. */
export interface DiscordKeys {
  /** 64 hexadecimal characters, for `DISCORD_PUBLIC_KEY`. */
  publicKey: string;
  sign(body: string | Uint8Array, timestamp: string): string;
  /** Headers for `body`, signed now or at `timestamp` (seconds since 1970). */
  headers(body: string | Uint8Array, timestamp?: string): Record<string, string>;
}

export function createDiscordKeys(): DiscordKeys {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  // The raw key is the end of its SPKI encoding, behind a header of 12 bytes.
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(12);
  const signBody = signer(privateKey);
  return {
    publicKey: raw.toString("hex"),
    sign: signBody,
    headers: (body, timestamp = String(Math.floor(Date.now() / 1000))) => ({
      "content-type": "application/json",
      "x-signature-ed25519": signBody(body, timestamp),
      "x-signature-timestamp": timestamp,
    }),
  };
}

function signer(privateKey: KeyObject) {
  return (body: string | Uint8Array, timestamp: string) =>
    sign(null, Buffer.concat([Buffer.from(timestamp), Buffer.from(body)]), privateKey).toString("hex");
}
