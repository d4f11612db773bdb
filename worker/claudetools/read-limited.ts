/** A body that fits, as text; or that there was more of it than allowed. */
export type LimitedText = { kind: "read"; text: string } | { kind: "too-large" };

/** Reads at most `maxBytes` (after decompression, so that a small file can't become a large one), then hangs up. */
export async function readLimited(response: Response, maxBytes: number): Promise<LimitedText> {
  const reader = response.body?.getReader();
  if (reader === undefined) return { kind: "read", text: "" };

  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    sizeBytes += part.value.byteLength;
    if (sizeBytes > maxBytes) {
      await reader.cancel();
      return { kind: "too-large" };
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return { kind: "read", text: text + decoder.decode() };
}
