import { CheckError } from "./check-error.ts";

interface ExchangeRefusal {
  status: number;
  /** `undefined` where Exchange refused without a word. */
  body: unknown;
  cmdlet: string;
}

/** What an error of Exchange's admin API means for whoever must fix it: by status and text, since codes are not documented. */
export function exchangeProblem({ status, body, cmdlet }: ExchangeRefusal): CheckError {
  // Which field holds the cause differs from error to error.
  const said = JSON.stringify(body ?? "");

  if (/not allowed to call|CmdletAccessDenied|role assigned to application|management roles/i.test(said)) {
    return new CheckError(
      "EXCHANGE_NO_ROLE",
      `Exchange does not let the app call ${cmdlet}: it has no role there.`,
      {
        status: "no_permission",
        howToFix:
          "Assign the app the Entra role Global Reader (or Exchange Administrator) in this tenant, then wait up to an hour.",
      },
    );
  }
  if (status === 401 || status === 403) {
    return new CheckError(
      "EXCHANGE_NO_PERMISSION",
      "Exchange refuses the app: the permission Exchange.ManageAsApp is missing.",
      {
        status: "no_permission",
        howToFix:
          "Grant the app the application permission Exchange.ManageAsApp (Office 365 Exchange Online), give admin consent in this tenant, and assign it the Entra role Global Reader.",
      },
    );
  }
  if (/ManagementObjectNotFound|couldn't be found|doesn't exist/i.test(said)) {
    return new CheckError("EXCHANGE_NO_MAILBOX", "Exchange Online holds no mailbox of this account.", {
      status: "no_mailbox",
      howToFix: "If the mailbox is on premises, look at its forwarding on the Exchange server (Get-Mailbox).",
    });
  }
  return new CheckError("EXCHANGE_REFUSED", `Exchange refused ${cmdlet} with HTTP ${status}.`, {
    status: "error",
    howToFix: "Run it again; if it stays so, look at forwarding in the Exchange admin center by hand.",
  });
}
