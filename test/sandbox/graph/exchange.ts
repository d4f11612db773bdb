import { z } from "zod";
import { asExchangeRule, exchangeMailbox } from "../tenants/exchange.ts";
import type { SandboxTenant, SandboxUser } from "../tenants/tenant.ts";
import type { Answer } from "./answer.ts";
import type { Claims } from "./token.ts";

const Command = z.strictObject({
  CmdletInput: z.strictObject({
    CmdletName: z.string(),
    Parameters: z.record(z.string(), z.union([z.string(), z.boolean()])),
  }),
});

interface ExchangeRequest {
  method: string;
  url: URL;
  contentType: string;
  anchor: string;
  body: string;
  /** Where a fault has the next page lie. */
  nextLink: string | undefined;
}

/**
 * The address behind Exchange's PowerShell module, for the two cmdlets that a check calls. `undefined`: no such route.
 * Microsoft does not document it; errors are as people report them.
 */
export function answerExchange(
  { method, url, contentType, anchor, body, nextLink }: ExchangeRequest,
  tenant: SandboxTenant,
  claims: Claims,
): Answer | undefined {
  if (method !== "POST" || url.pathname !== `/adminapi/beta/${tenant.id}/InvokeCommand`) return undefined;
  if (!claims.roles.includes("Exchange.ManageAsApp")) return { status: 401, body: undefined };
  const command = contentType.startsWith("application/json")
    ? Command.safeParse(JSON.parse(body)).data?.CmdletInput
    : undefined;
  if (command === undefined) return exchangeError(400, "BadRequest", "The request body is not valid.");
  if (!tenant.app.exchangeRole) {
    return exchangeError(401, "Unauthorized", `User is not allowed to call ${command.CmdletName}`);
  }
  if (!/^(UPN|APP):./.test(anchor)) return exchangeError(400, "BadRequest", "X-AnchorMailbox is missing.");

  const { CmdletName: cmdlet, Parameters: parameters } = command;
  if (cmdlet === "Get-Mailbox") {
    const user = findUser(tenant, parameters.Identity);
    const mailbox = user?.mailbox;
    if (!mailbox) return notFound(parameters.Identity);
    const { id, userPrincipalName: upn, displayName } = user.user;
    return rows(url, [exchangeMailbox({ id, upn, displayName }, mailbox.forwarding)], nextLink);
  }
  if (cmdlet === "Get-InboxRule") {
    const user = findUser(tenant, parameters.Mailbox);
    const mailbox = user?.mailbox;
    if (!mailbox) return notFound(parameters.Mailbox);
    const upn = user.user.userPrincipalName;
    const shown = mailbox.inboxRules.map((rule) => asExchangeRule(upn, rule, mailbox.folders));
    return rows(
      url,
      parameters.IncludeHidden === true ? [...mailbox.hiddenRules, ...shown] : shown,
      nextLink,
    );
  }
  return undefined;
}

function findUser({ users }: SandboxTenant, name: string | boolean | undefined): SandboxUser | undefined {
  const wanted = String(name).toLowerCase();
  return users.find(({ user }) => user.id === wanted || user.userPrincipalName.toLowerCase() === wanted);
}

function rows(url: URL, value: object[], nextLink: string | undefined): Answer {
  const selected = url.searchParams.get("$select")?.split(",");
  return {
    status: 200,
    body: {
      "@odata.context": `${url.origin}/adminapi/beta/$metadata#Collection(Exchange.GenericHashTable)`,
      "adminapi.warnings@odata.type": "#Collection(String)",
      "@adminapi.warnings": [],
      ...(nextLink === undefined ? {} : { "@odata.nextLink": nextLink }),
      value: value.map((row) =>
        selected === undefined
          ? row
          : Object.fromEntries(Object.entries(row).filter(([name]) => selected.includes(name))),
      ),
    },
  };
}

function notFound(name: string | boolean | undefined): Answer {
  return exchangeError(
    404,
    "NotFound",
    "Error executing cmdlet",
    `Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The operation couldn't be performed because object '${name}' couldn't be found on 'NAMPR04A001.PROD.OUTLOOK.COM'.`,
  );
}

function exchangeError(status: number, code: string, message: string, detail = message): Answer {
  return {
    status,
    body: {
      error: {
        code,
        message,
        details: [{ code: "Context", target: "", message: detail }],
        innererror: {
          message,
          type: "Microsoft.Exchange.Admin.OData.Core.ODataServiceException",
          stacktrace: "",
        },
      },
    },
  };
}
