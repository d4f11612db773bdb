import type { Middleware } from "@anthropic-ai/sdk/core/middleware";

export interface IdleWatch {
  /** Aborted once no byte has come for `idleMs`. */
  signal: AbortSignal;
  /** For the request that is watched. */
  middleware: Middleware;
  /** No more watching; safe to call twice. */
  stop(): void;
}

/**
 * Notices an answer that stops coming. It looks at bytes and not at the SDK's events, which leave out the pings that the API sends while the model
 * thinks.
 */
export function watchIdle(idleMs: number): IdleWatch {
  const stalled = new AbortController();
  const abort = () => stalled.abort();
  let timer = setTimeout(abort, idleMs);
  const touch = () => {
    clearTimeout(timer);
    timer = setTimeout(abort, idleMs);
  };

  return {
    signal: stalled.signal,
    async middleware(request, next) {
      const response = await next(request);
      touch();
      const watched = response.body?.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            touch();
            controller.enqueue(chunk);
          },
        }),
      );
      return watched ? new Response(watched, response) : response;
    },
    stop: () => clearTimeout(timer),
  };
}
