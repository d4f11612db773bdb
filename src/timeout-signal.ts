/**
 * `AbortSignal.timeout`, and one that also works inside of `AbortSignal.any`. There Node 20 holds the signals that it was
 * made of so weakly that the garbage collector takes a timeout that nobody else holds: it never fires, and what waits
 * for it waits for ever. Here the timer holds its signal. It keeps no process alive.
 * @param ms - At most 2^31 - 1.
 * @see https://github.com/nodejs/node/pull/57867
 */
export function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  const onTimeout = () => controller.abort(new DOMException(`No answer within ${ms} ms.`, "TimeoutError"));
  setTimeout(onTimeout, ms).unref();
  return controller.signal;
}
