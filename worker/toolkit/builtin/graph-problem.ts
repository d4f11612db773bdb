import { z } from "zod";
import { CheckError } from "./check-error.ts";

const ErrorBody = z.object({ error: z.object({ code: z.string(), message: z.string().default("") }) });

export interface Refusal {
  status: number;
  body: unknown;
  /** The least application permission for the call, to be named where it may be missing. */
  permission: string;
  /** The licence of the tenant that the call needs, where one licence alone will do. */
  licence?: string | undefined;
}

const NO_PREMIUM = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";

/**
 * What an error of Graph means for whoever must fix it. By `error.code` where Microsoft documents one or people have
 * reported it, else by text, else by status.
 * @see https://learn.microsoft.com/graph/errors
 */
export function graphProblem({ status, body, permission, licence }: Refusal): CheckError {
  const parsed = ErrorBody.safeParse(body);
  const { code, message } = parsed.success ? parsed.data.error : { code: "", message: "" };
  const grant = `Grant the app the application permission ${permission} and give admin consent in this tenant.`;

  if (status === 401) {
    return new CheckError("GRAPH_TOKEN_REFUSED", "Microsoft Graph refused the app's token.", {
      status: "error",
      howToFix:
        "Check this machine's clock, and that GRAPH_BASE_URL and LOGIN_BASE_URL belong to the same cloud.",
    });
  }
  if (code === NO_PREMIUM) {
    return new CheckError("GRAPH_NOT_PREMIUM", "Microsoft says that the tenant has no Entra ID P1 licence.", {
      status: "not_licensed",
      howToFix:
        "Buy Entra ID P1 (part of Microsoft 365 Business Premium), or read the last seven days by hand in the Entra admin center, Sign-in logs.",
    });
  }
  if (
    code === "NoLicense" ||
    (status === 403 && /not licensed for this feature|requires a .+ licen[cs]e/i.test(message))
  ) {
    const needed = licence === undefined ? "" : `, which needs ${licence}`;
    return new CheckError("GRAPH_NOT_LICENSED", `The tenant is not licensed for this feature${needed}.`, {
      status: "not_licensed",
      howToFix: `Buy ${licence ?? "the licence that the feature needs (Entra ID P1 or P2)"}, or do without this check.`,
    });
  }
  const noMailbox =
    code === "MailboxNotEnabledForRESTAPI" ||
    // Accounts that never had one, such as guests. microsoft-graph-docs-contrib#7160
    code === "ErrorInvalidUser" ||
    /REST API is not yet supported for this mailbox|Resource could not be discovered/i.test(message);
  if (noMailbox) {
    return new CheckError(
      "GRAPH_NO_MAILBOX",
      "The account has no mailbox that Graph can read: it never had one, or it is on premises, inactive or deleted.",
      {
        status: "no_mailbox",
        howToFix:
          "If the mailbox is on premises, look at it on the Exchange server (Get-InboxRule, Get-Mailbox, message tracking).",
      },
    );
  }
  if (code === "ErrorAccessDenied") {
    const byPolicy = /RAOP|AccessPolicy/i.test(message);
    return byPolicy
      ? new CheckError(
          "GRAPH_ACCESS_POLICY",
          "An application access policy keeps the app out of this mailbox.",
          {
            status: "no_permission",
            howToFix:
              "Have an Exchange administrator add the mailbox to the policy's group (Get-ApplicationAccessPolicy), then wait up to an hour.",
          },
        )
      : new CheckError(
          "GRAPH_NO_PERMISSION",
          `Exchange refuses the app: the permission ${permission} is missing, or an application access policy leaves this mailbox out.`,
          {
            status: "no_permission",
            howToFix: `${grant} If it is granted, look at Get-ApplicationAccessPolicy.`,
          },
        );
  }
  if (code === "Request_ResourceNotFound") {
    return new CheckError("GRAPH_NOT_FOUND", "There is no such account in this tenant.", {
      status: "error",
      howToFix: "Check the sign-in name; a deleted account stays under Deleted users for 30 days.",
    });
  }
  if (status === 403) {
    return new CheckError("GRAPH_NO_PERMISSION", `The app lacks the permission ${permission}.`, {
      status: "no_permission",
      howToFix: grant,
    });
  }
  return new CheckError(
    "GRAPH_REFUSED",
    `Microsoft Graph refused the request with HTTP ${status}${/^\w{1,80}$/.test(code) ? ` (${code})` : ""}.`,
    { status: "error", howToFix: "Run it again; if it stays so, report it with the code." },
  );
}
