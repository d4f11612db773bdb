/** @see https://learn.microsoft.com/graph/throttling-limits */
interface ThrottleOptions {
  /** Reading the clock, in milliseconds. A test may turn it forward in place of waiting. */
  clock: () => number;
  /** In which five reports may be asked for. Default: Microsoft's ten seconds. */
  reportsWindowMs?: number;
}

type Admission = { kind: "admitted"; leave: () => void } | { kind: "throttled"; retryAfter?: number };

/**
 * Graph's own limits: five requests in ten seconds for audit reports per app and tenant, four at a time for mailboxes
 * per app, one a second for identity protection per tenant, where no answer says how long to wait. Whoever comes back
 * too early starts the wait anew.
 */
export function createThrottle({ clock, reportsWindowMs: windowMs = 10_000 }: ThrottleOptions) {
  const reports = new Map<string, { times: number[]; closedUntil: number }>();
  const outlook = new Map<string, number>();
  const risk = new Map<string, number>();

  function admitReport(key: string): Admission {
    const bucket = reports.get(key) ?? { times: [], closedUntil: 0 };
    reports.set(key, bucket);
    const now = clock();
    bucket.times = bucket.times.filter((time) => time > now - windowMs);
    if (now < bucket.closedUntil || bucket.times.length >= 5) {
      bucket.closedUntil = now + windowMs;
      return { kind: "throttled", retryAfter: Math.ceil(windowMs / 1000) };
    }
    bucket.times.push(now);
    return { kind: "admitted", leave: () => {} };
  }

  function admitRisk(tenantId: string): Admission {
    const isEarly = clock() < (risk.get(tenantId) ?? 0);
    risk.set(tenantId, clock() + 1000);
    return isEarly ? { kind: "throttled" } : { kind: "admitted", leave: () => {} };
  }

  function admitOutlook(key: string): Admission {
    const running = outlook.get(key) ?? 0;
    if (running >= 4) return { kind: "throttled", retryAfter: 1 };
    outlook.set(key, running + 1);
    return { kind: "admitted", leave: () => outlook.set(key, (outlook.get(key) ?? 1) - 1) };
  }

  return {
    admit(
      limit: "reports" | "outlook" | "risk" | undefined,
      { appid, tid }: { appid: string; tid: string },
    ): Admission {
      if (limit === "reports") return admitReport(`${appid} ${tid}`);
      if (limit === "outlook") return admitOutlook(`${appid} ${tid}`);
      if (limit === "risk") return admitRisk(tid);
      return { kind: "admitted", leave: () => {} };
    },
  };
}

/**
 * Remembers which requests were told to wait, so that a client which does not is found out.
 * The idea is Dev Proxy's. @see https://learn.microsoft.com/microsoft-cloud/dev/dev-proxy/technical-reference/retryafterplugin
 */
export function createPatienceCheck({ clock }: ThrottleOptions) {
  const readyAt = new Map<string, number>();
  return {
    told(line: string, retryAfterSeconds: number): void {
      readyAt.set(line, clock() + retryAfterSeconds * 1000);
    },
    /** How many milliseconds too early this request is; 0 when it is not. */
    earlyBy(line: string): number {
      return Math.max(0, (readyAt.get(line) ?? 0) - clock());
    },
  };
}
