import { type Collected, collectPages } from "./collect-pages.ts";
import { exchangeProblem } from "./exchange-problem.ts";
import { fetchJson } from "./fetch-json.ts";
import type { Limit } from "./limits.ts";
import type { RunClock } from "./run-clock.ts";

/** Reads what Graph does not have. Throws `CheckError`, never anything that `fetch` throws. */
export interface ExchangeClient {
  /**
   * The rows that a cmdlet returns, in Exchange's own names.
   * @throws {CheckError} also if there is no token for Exchange.
   */
  invoke: (call: ExchangeCall) => Promise<Collected>;
}

interface ExchangeCall {
  /** Only cmdlets that read, since a request may be repeated. */
  cmdlet: "Get-Mailbox" | "Get-InboxRule";
  parameters: Record<string, string | boolean>;
  /** Names of properties; all of them without it. */
  select?: readonly string[];
}

interface ExchangeClientOptions {
  origin: string;
  tenantId: string;
  /** Whose mailbox the calls are about: Exchange sends them to the server that holds it. */
  upn: string;
  /** Asked once, at the first call: who has no use for Exchange needs no token. */
  requestToken: () => Promise<string>;
  clock: RunClock;
  limit: Limit;
}

const EXCHANGE = "Exchange Online";

/**
 * The address behind Exchange's PowerShell module. Microsoft does not document it, and its successor (v2.0) has no
 * forwarding, so nothing that matters may depend on it.
 * @see https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2
 */
export function createExchangeClient({
  origin,
  tenantId,
  upn,
  requestToken,
  clock,
  limit,
}: ExchangeClientOptions): ExchangeClient {
  let token: Promise<string> | undefined;

  async function invoke({ cmdlet, parameters, select }: ExchangeCall): Promise<Collected> {
    token ??= requestToken();
    const accessToken = await token;
    const query = select === undefined ? "" : `?$select=${select.join(",")}`;
    return collectPages(new URL(`/adminapi/beta/${tenantId}/InvokeCommand${query}`, origin), {
      service: EXCHANGE,
      async request(url) {
        const { status, body } = await fetchJson(url, {
          clock,
          limit,
          service: EXCHANGE,
          method: "POST",
          headers: {
            authorization: `Bearer ${accessToken}`,
            prefer: "odata.maxpagesize=1000",
            "x-anchormailbox": `UPN:${upn}`,
          },
          body: JSON.stringify({ CmdletInput: { CmdletName: cmdlet, Parameters: parameters } }),
        });
        if (status >= 200 && status < 300) return body;
        throw exchangeProblem({ status, body, cmdlet });
      },
    });
  }

  return { invoke };
}
