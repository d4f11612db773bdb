/** What can be made to happen in place of an honest answer. */
export type Fault =
  | { kind: "status"; status: number; headers?: Record<string, string>; code?: string; message?: string }
  /** A proxy's or gateway's page where JSON was expected. */
  | { kind: "html"; status?: number }
  | { kind: "hang" }
  /** The connection is cut before an answer. */
  | { kind: "reset" }
  /** The honest answer, but its next page lies elsewhere. Only collections have one. */
  | { kind: "next-link"; url: string }
  /** The error of a tenant without premium, which licensed tenants get now and then as well. */
  | { kind: "not-premium" }
  /** A token endpoint's error, as JSON with `error_codes`. */
  | { kind: "aadsts"; code: number; message?: string };

export type ScriptedFault = Scripted<Fault>;

export interface Scripted<F> {
  /** Matched against method and URL, such as `GET /v1.0/domains`. */
  on: RegExp;
  fault: F;
  /** How many requests it meets. Default 1; `Infinity` for all. */
  times?: number;
  /** How many requests it lets pass before. Default 0. */
  after?: number;
}

/** The fault for this request, used up once it has met as many requests as it was scripted for. */
export function takeFault<F>(faults: Scripted<F>[], line: string): F | undefined {
  const index = faults.findIndex(({ on }) => on.test(line));
  const scripted = faults[index];
  if (!scripted) return undefined;
  if (scripted.after) {
    scripted.after -= 1;
    return undefined;
  }
  scripted.times = (scripted.times ?? 1) - 1;
  if (scripted.times <= 0) faults.splice(index, 1);
  return scripted.fault;
}
