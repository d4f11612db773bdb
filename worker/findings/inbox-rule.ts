import { z } from "zod";
import { isOutside, parseRecipients } from "./addresses.ts";
import { flag, number, strings, text } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";
import type { JsonObject } from "./record-kinds.ts";

/** A rule of the mailbox, the same whether Graph or Exchange's `Get-InboxRule` told of it. */
export interface InboxRule {
  id: string;
  /** As its author wrote it; "" is a name too, `undefined` is a record that left it out. */
  name: string | undefined;
  enabled: boolean;
  /** Words that it looks for in subject, body, headers or addresses of recipients. */
  keywords: string[];
  /** Names, addresses or parts of them that it looks for in the sender. */
  senders: string[];
  /** It has no condition, or one that every mail meets. */
  matchesEverything: boolean;
  deletes: boolean;
  /** Display name of the folder. */
  movesTo: string | undefined;
  /** It moves mail to a folder of which only the id is known. */
  movesToUnknown: boolean;
  marksRead: boolean;
  forwardsTo: string[];
  /** Those of them that leave the tenant. */
  forwardsOutside: string[];
  /** Those of them that are directory entries without a readable address. */
  forwardsUnread: string[];
  /** False if what it does, or to which mail, was not in the evidence. */
  inspectable: boolean;
  source: Source;
}

/** What reading a rule needs to know of the tenant. */
export interface MailboxContext {
  /** Display names (or well-known names) by folder id. */
  folders: ReadonlyMap<string, string>;
  domains: readonly string[];
}

export function toInboxRule(record: EvidenceRecord, context: MailboxContext): InboxRule {
  return record.kind === "exchangeRule" ? fromExchange(record, context) : fromGraph(record, context);
}

const recipients = z
  .array(z.object({ emailAddress: z.object({ name: text, address: text }) }))
  .catch([])
  .transform((list) => list.map(({ emailAddress }) => emailAddress.address ?? emailAddress.name ?? ""));

/** @see https://learn.microsoft.com/en-us/graph/api/resources/messagerulepredicates */
const Conditions = z.looseObject({
  subjectContains: strings,
  bodyContains: strings,
  bodyOrSubjectContains: strings,
  headerContains: strings,
  recipientContains: strings,
  senderContains: strings,
  fromAddresses: recipients,
  withinSizeRange: z.object({ minimumSize: number, maximumSize: number }).optional().catch(undefined),
});

/** @see https://learn.microsoft.com/en-us/graph/api/resources/messageruleactions */
const Actions = z.looseObject({
  delete: flag,
  permanentDelete: flag,
  moveToFolder: text,
  markAsRead: flag,
  forwardTo: recipients,
  forwardAsAttachmentTo: recipients,
  redirectTo: recipients,
});

/** @see https://learn.microsoft.com/en-us/graph/api/resources/messagerule */
const GraphRule = z.object({
  id: text,
  displayName: text,
  isEnabled: flag,
  isReadOnly: flag,
  conditions: Conditions.optional().catch(undefined),
  actions: Actions.optional().catch(undefined),
});

function fromGraph({ value, source }: EvidenceRecord, { folders, domains }: MailboxContext): InboxRule {
  const { id, displayName, isEnabled, isReadOnly, conditions, actions } = GraphRule.parse(value);
  const targets =
    actions === undefined
      ? []
      : [...actions.forwardTo, ...actions.forwardAsAttachmentTo, ...actions.redirectTo];
  const hasConditions = isSet(value.conditions);
  return {
    id: id ?? `${source.artifact} ${source.path}`,
    name: displayName,
    enabled: isEnabled ?? true,
    keywords: [
      ...(conditions?.subjectContains ?? []),
      ...(conditions?.bodyContains ?? []),
      ...(conditions?.bodyOrSubjectContains ?? []),
      ...(conditions?.headerContains ?? []),
      ...(conditions?.recipientContains ?? []),
    ],
    senders: [...(conditions?.senderContains ?? []), ...(conditions?.fromAddresses ?? [])],
    matchesEverything: hasConditions
      ? conditions !== undefined && meetsAnyMail(graphConditions(conditions))
      : isReadOnly !== true,
    deletes: actions?.delete === true || actions?.permanentDelete === true,
    ...resolveFolder(actions?.moveToFolder, folders),
    marksRead: actions?.markAsRead === true,
    ...sortTargets(targets, domains),
    // Graph leaves out conditions and actions that it can't model and marks the rule read-only, so what it shows of
    // such a rule need not be everything. https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3336
    inspectable:
      isReadOnly !== true && areRead(value.actions, actions) && (!hasConditions || conditions !== undefined),
    source,
  };
}

const GRAPH_ACTIONS: ReadonlySet<string> = new Set([
  "assignCategories",
  "copyToFolder",
  "delete",
  "forwardAsAttachmentTo",
  "forwardTo",
  "markAsRead",
  "markImportance",
  "moveToFolder",
  "permanentDelete",
  "redirectTo",
  "stopProcessingRules",
]);

/** Whether there are actions, and all of them are known and were understood. */
function areRead(raw: unknown, actions: z.infer<typeof Actions> | undefined): boolean {
  if (typeof raw !== "object" || raw === null || actions === undefined) return false;
  const set = Object.entries(raw).filter(([name, value]) => !name.startsWith("@") && isSet(value));
  return set.length > 0 && set.every(([name]) => GRAPH_ACTIONS.has(name) && isSet(actions[name]));
}

/** Each condition that is set, whatever it is named; sizes in bytes, where Graph has kilobytes. */
function graphConditions(conditions: z.infer<typeof Conditions>): Condition[] {
  return Object.entries(conditions)
    .filter(([, value]) => isSet(value))
    .map(([name, value]) => {
      if (name !== "withinSizeRange") return { name, value };
      const { minimumSize = 0, maximumSize = 0 } = conditions.withinSizeRange ?? {};
      return { name, value: { minimumSize: minimumSize * 1024, maximumSize: maximumSize * 1024 } };
    });
}

interface Condition {
  name: string;
  value: unknown;
}

/** null, false, "", [] and {} stand for "not set". */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return false;
  if (Array.isArray(value)) return value.some(isSet);
  return typeof value === "object" ? Object.values(value).some(isSet) : true;
}

/**
 * Conditions that look like some and are met by all mail: a NUL, which Exchange reads as "anything", a single letter
 * or "@", or a minimum size that every mail exceeds.
 * @see https://github.com/elastic/detection-rules (rules/integrations/o365, inbox rules; read 2026-11-22)
 */
function meetsAnyMail(conditions: readonly Condition[]): boolean {
  return conditions.every(({ name, value }) => {
    if (name === "withinSizeRange") {
      const range = z.object({ minimumSize: number, maximumSize: number }).safeParse(value).data;
      return (
        range !== undefined &&
        (range.maximumSize ?? 0) === 0 &&
        (range.minimumSize ?? 0) <= EVERY_MAIL_IS_LARGER
      );
    }
    // Words of one condition are alternatives: one that fits all mail is enough.
    return strings.parse(value).some((word) => /^([\0\s]*|[ -~])$/.test(word));
  });
}
/** Bytes: a mail's headers alone are larger. */
const EVERY_MAIL_IS_LARGER = 1023;

function resolveFolder(
  folder: string | undefined,
  folders: ReadonlyMap<string, string>,
): Pick<InboxRule, "movesTo" | "movesToUnknown"> {
  if (folder === undefined || folder === "") return { movesTo: undefined, movesToUnknown: false };
  const name = folders.get(folder);
  if (name !== undefined) return { movesTo: name, movesToUnknown: false };
  // Ids are long and have no spaces; some scripts put the resolved name in their place.
  const isId = folder.length >= 40 && !/\s/.test(folder);
  return isId ? { movesTo: undefined, movesToUnknown: true } : { movesTo: folder, movesToUnknown: false };
}

function sortTargets(
  targets: readonly string[],
  domains: readonly string[],
): Pick<InboxRule, "forwardsTo" | "forwardsOutside" | "forwardsUnread"> {
  const parsed = targets.flatMap((target) => {
    const found = parseRecipients(target);
    return found.length > 0 ? found : [{ kind: "address" as const, address: target }];
  });
  const addresses = parsed.flatMap((target) => (target.kind === "address" ? [target.address] : []));
  const unread = parsed.flatMap((target) => (target.kind === "directory-entry" ? [target.name] : []));
  return {
    forwardsTo: [...addresses, ...unread],
    forwardsOutside: addresses.filter((address) => isOutside(address, domains)),
    forwardsUnread: unread,
  };
}

/** @see https://learn.microsoft.com/en-us/powershell/module/exchange/new-inboxrule */
const ExchangeRule = z.object({
  ruleIdentity: z
    .union([z.string(), z.number().transform(String)])
    .optional()
    .catch(undefined),
  identity: text,
  name: text,
  enabled: flag,
  subjectContainsWords: strings,
  bodyContainsWords: strings,
  subjectOrBodyContainsWords: strings,
  headerContainsWords: strings,
  recipientAddressContainsWords: strings,
  fromAddressContainsWords: strings,
  from: strings,
  deleteMessage: flag,
  softDeleteMessage: flag,
  moveToFolder: z.unknown().optional(),
  markAsRead: flag,
  forwardTo: strings,
  forwardAsAttachmentTo: strings,
  redirectTo: strings,
});

/** Conditions of Get-InboxRule by the shape of their names: a new one is then a condition all the same. */
const EXCHANGE_CONDITION =
  /^(from|subject|body|header|recipient|has|sentTo|my|message|received|withinSize|withSensitivity|flagged)/i;
const EXCHANGE_ACTIONS = [
  "deleteMessage",
  "softDeleteMessage",
  "moveToFolder",
  "copyToFolder",
  "markAsRead",
  "forwardTo",
  "forwardAsAttachmentTo",
  "redirectTo",
  "applyCategory",
  "applySystemCategory",
  "markImportance",
  "pinMessage",
  "sendTextMessageNotificationTo",
];

function fromExchange({ value, source }: EvidenceRecord, { folders, domains }: MailboxContext): InboxRule {
  const rule = ExchangeRule.parse(value);
  const folder = exchangeFolder(rule.moveToFolder);
  const conditions = exchangeConditions(value);
  return {
    id: rule.ruleIdentity ?? rule.identity ?? `${source.artifact} ${source.path}`,
    name: rule.name,
    enabled: rule.enabled ?? true,
    keywords: [
      ...rule.subjectContainsWords,
      ...rule.bodyContainsWords,
      ...rule.subjectOrBodyContainsWords,
      ...rule.headerContainsWords,
      ...rule.recipientAddressContainsWords,
    ],
    senders: [...rule.fromAddressContainsWords, ...rule.from],
    matchesEverything: meetsAnyMail(conditions),
    deletes: rule.deleteMessage === true || rule.softDeleteMessage === true,
    ...(folder === undefined && isSet(rule.moveToFolder)
      ? { movesTo: undefined, movesToUnknown: true }
      : resolveFolder(folder, folders)),
    marksRead: rule.markAsRead === true,
    ...sortTargets([...rule.forwardTo, ...rule.forwardAsAttachmentTo, ...rule.redirectTo], domains),
    inspectable:
      EXCHANGE_ACTIONS.some((action) => isSet(value[action])) &&
      EXCHANGE_TARGETS.every((name) => rule[name].length > 0 || !isSet(value[name])),
    source,
  };
}

/** What stands there and is no text was not understood. */
const EXCHANGE_TARGETS = ["forwardTo", "forwardAsAttachmentTo", "redirectTo"] as const;

function exchangeConditions(value: JsonObject): Condition[] {
  const { withinSizeRangeMinimum: minimumSize, withinSizeRangeMaximum: maximumSize, ...rest } = value;
  const conditions = Object.entries(rest)
    .filter(([name, each]) => EXCHANGE_CONDITION.test(name) && isSet(each))
    .map(([name, each]) => ({ name, value: each }));
  const range = { minimumSize: bytesOf(minimumSize), maximumSize: bytesOf(maximumSize) };
  return isSet(range) ? [...conditions, { name: "withinSizeRange", value: range }] : conditions;
}

/** Exchange writes sizes as "1 KB (1,023 bytes)". */
function bytesOf(size: unknown): number | undefined {
  const inWords = /\(([\d,]+) bytes\)/.exec(text.parse(size) ?? "")?.[1];
  return inWords === undefined ? number.parse(size) : Number(inWords.replaceAll(",", ""));
}

/** A folder's name, its path ("adele:\\Archive"), or an object that says either. */
function exchangeFolder(folder: unknown): string | undefined {
  const Named = z.object({ name: text, displayName: text, folderPath: text });
  const named = Named.safeParse(folder).data;
  const name =
    named === undefined ? text.parse(folder) : (named.displayName ?? named.name ?? named.folderPath);
  return name?.split(/[\\/]/).at(-1);
}
