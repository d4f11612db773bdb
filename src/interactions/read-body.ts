/** Why there is no body. */
export type Unread = { kind: "rejected"; status: 408 | 413; reason: string };

interface BodyLimits {
  maxBodyBytes: number;
  bodyTimeoutMs: number;
}

/**
 * A body whose length is declared is read in one go, which HTTP ends at that length: on Node that spares a web stream
 * and a third of the request's time. Without a declared length it is counted while it comes in.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array | Unread> {
  const declared = request.headers.get("content-length");
  if (Number(declared ?? 0) > limits.maxBodyBytes) return tooLarge(limits);

  const { read, giveUp } = declared === null ? countBody(request, limits) : wholeBody(request, limits);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Unread>((resolve) => {
    timer = setTimeout(() => {
      giveUp();
      resolve({
        kind: "rejected",
        status: 408,
        reason: `Expected the body within ${limits.bodyTimeoutMs} ms.`,
      });
    }, limits.bodyTimeoutMs);
  });
  try {
    return await Promise.race([read, late]);
  } catch {
    return { kind: "rejected", status: 408, reason: "The connection ended before the body did." };
  } finally {
    clearTimeout(timer);
  }
}

interface Reading {
  read: Promise<Uint8Array | Unread>;
  giveUp(): void;
}

function tooLarge({ maxBodyBytes }: BodyLimits): Unread {
  return { kind: "rejected", status: 413, reason: `Expected a body of at most ${maxBodyBytes} bytes.` };
}

function wholeBody(request: Request, limits: BodyLimits): Reading {
  const read = request.arrayBuffer().then((buffer) => {
    return buffer.byteLength > limits.maxBodyBytes ? tooLarge(limits) : new Uint8Array(buffer);
  });
  // The answer closes the connection, and with it ends the reading.
  return { read, giveUp: () => undefined };
}

/** Holds at most `maxBodyBytes` in memory, however much is sent. */
function countBody(request: Request, limits: BodyLimits): Reading {
  const reader = request.body?.getReader();
  const giveUp = () => void reader?.cancel().catch(() => undefined);

  async function count(): Promise<Uint8Array | Unread> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      size += part.value.byteLength;
      if (size > limits.maxBodyBytes) {
        giveUp();
        return tooLarge(limits);
      }
      chunks.push(part.value);
    }
    return concatenate(chunks, size);
  }
  return { read: count(), giveUp };
}

function concatenate(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
