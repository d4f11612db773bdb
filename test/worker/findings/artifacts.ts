import type { ArtifactBytes } from "../../../worker/findings/recognise.ts";

/** An artifact as the runner hands it over. */
export function artifact(name: string, content: unknown): ArtifactBytes & { sha256: string } {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return artifactOf(name, new TextEncoder().encode(text));
}

export function artifactOf(name: string, bytes: Uint8Array): ArtifactBytes & { sha256: string } {
  return { name, bytes, sizeBytes: bytes.length, sha256: "0".repeat(64) };
}
