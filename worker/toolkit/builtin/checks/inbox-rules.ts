import { z } from "zod";
import { asCollection } from "../artifacts.ts";
import { CheckError } from "../check-error.ts";
import type { Collected } from "../collect-pages.ts";
import { segment } from "../graph-client.ts";
import type { Check, CheckContext } from "./check.ts";

/** More folders than this in the rules of one mailbox stay unresolved; nobody has that many by hand. */
const MAX_FOLDER_LOOKUPS = 50;

/**
 * The user's inbox rules, and what is needed to read them: names of the folders they move mail to, and the tenant's
 * own domains, outside of which an address is external. Hidden rules and times of change are not in Graph.
 * @see https://learn.microsoft.com/graph/api/mailfolder-list-messagerules
 */
export const inboxRules: Check = {
  id: "inbox_rules",
  async run(context: CheckContext) {
    const { graph, limits, upn, save } = context;
    const mailbox = `/v1.0/users/${segment(upn)}/mailFolders`;
    const [rules, folders, domains] = await Promise.allSettled([
      graph.collect(`${mailbox}/inbox/messageRules`, {
        limit: limits.outlook,
        permission: "MailboxSettings.Read",
      }),
      graph.collect(`${mailbox}?$top=100`, { limit: limits.outlook, permission: "Mail.ReadBasic.All" }),
      graph.collect("/v1.0/domains", { limit: limits.directory, permission: "Domain.Read.All" }),
    ]);
    if (domains.status === "fulfilled") await save("domains.json", asCollection(domains.value));
    if (rules.status === "rejected") throw rules.reason;
    await save("inbox-rules.json", asCollection(rules.value));

    const gaps = [folders, domains].flatMap((list) =>
      list.status === "fulfilled" && list.value.problem !== undefined ? [list.value.problem] : [],
    );
    if (folders.status === "fulfilled") {
      const named = await withFoldersOfRules(context, mailbox, {
        rules: rules.value,
        folders: folders.value,
        gaps,
      });
      await save("mail-folders.json", asCollection(named));
    } else {
      gaps.push(
        gap("Names of mail folders could not be read, so where rules move mail is unclear.", folders.reason),
      );
    }
    if (domains.status === "rejected") {
      gaps.push(
        gap(
          "The tenant's domains could not be read, so which addresses are external is unclear.",
          domains.reason,
        ),
      );
    }
    const { value, truncated, problem } = rules.value;
    return { records: value.length, truncated, ...(problem ? { problem } : {}), notes: gaps };
  },
};

const FolderRow = z.object({ id: z.string() });
const RuleRow = z.object({
  actions: z.object({ moveToFolder: z.string().nullish(), copyToFolder: z.string().nullish() }).nullish(),
});

/** Adds the folders that rules name and the list lacks: it holds neither sub-folders nor hidden ones. */
async function withFoldersOfRules(
  { graph, limits }: CheckContext,
  mailbox: string,
  { rules, folders, gaps }: { rules: Collected; folders: Collected; gaps: CheckError[] },
): Promise<Collected> {
  const known = new Set(folders.value.map((row) => FolderRow.safeParse(row).data?.id));
  const wanted = new Set<string>();
  for (const row of rules.value) {
    const actions = RuleRow.safeParse(row).data?.actions;
    for (const id of [actions?.moveToFolder, actions?.copyToFolder]) if (id && !known.has(id)) wanted.add(id);
  }
  const found = await Promise.allSettled(
    [...wanted]
      .slice(0, MAX_FOLDER_LOOKUPS)
      .map((id) =>
        graph.get(`${mailbox}/${segment(id)}`, { limit: limits.outlook, permission: "Mail.ReadBasic.All" }),
      ),
  );
  const rows: unknown[] = [];
  for (const result of found) {
    if (result.status === "rejected") {
      gaps.push(
        gap("A folder that a rule moves mail to could not be read; it may have been deleted.", result.reason),
      );
    } else if (typeof result.value === "object" && result.value !== null) {
      // In a list a row has no context of its own.
      rows.push(Object.fromEntries(Object.entries(result.value).filter(([key]) => key !== "@odata.context")));
    }
  }
  return { ...folders, value: [...folders.value, ...rows] };
}

/** @throws what was caught, if it is not a reason that a person can be told. */
function gap(reason: string, thrown: unknown): CheckError {
  if (!(thrown instanceof CheckError)) throw thrown;
  return new CheckError(thrown.code, `${reason} ${thrown.message}`, thrown);
}
