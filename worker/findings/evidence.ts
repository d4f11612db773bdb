import { type Account, type Role, toAccount, toDomains, toFolder, toRole } from "./account.ts";
import { type AuditEvent, toAuditEvent } from "./audit-event.ts";
import { type AuthMethod, toAuthMethod } from "./auth-method.ts";
import { type App, type AppAssignment, type Consent, toApp, toAppAssignment, toConsent } from "./consent.ts";
import type { AnyCheckId } from "./findings.ts";
import { type InboxRule, type MailboxContext, toInboxRule } from "./inbox-rule.ts";
import { type InboxRuleChange, toInboxRuleChange } from "./inbox-rule-change.ts";
import { isFarReaching } from "./indicators/apps.ts";
import { hasLastPages } from "./last-pages.ts";
import { type Mailbox, type MailboxPermission, toMailbox, toMailboxPermission } from "./mailbox.ts";
import { fromTrace, type Message, toMessage } from "./message.ts";
import type { EvidenceRecord, Recognition } from "./recognise.ts";
import { type Risk, toRisk } from "./risk.ts";
import { countryName, listed } from "./rules/sign-in-traits.ts";
import { type SignIn, toSignIn } from "./sign-in.ts";

/** What the toolkit's records say about one account, in our own words and types. */
export interface Evidence {
  inboxRules: InboxRule[];
  /** Of the account alone, oldest first; those without a time stand at the end. */
  signIns: SignIn[];
  account: Account | undefined;
  roles: Role[];
  /** The country that sign-ins are compared with. */
  home: Home | undefined;
  mailboxes: Mailbox[];
  mailboxPermissions: MailboxPermission[];
  consents: Consent[];
  apps: App[];
  appAssignments: AppAssignment[];
  authMethods: AuthMethod[];
  risks: Risk[];
  /** What the account did, or had done to it, oldest first. */
  audits: AuditEvent[];
  /** Whether the directory's log was there, and whole: only then does its silence mean anything. */
  auditsSeen: boolean;
  inboxRuleChanges: InboxRuleChange[];
  /** What the account sent and still is in its sent items, oldest first. */
  sent: Message[];
  /** What lies in its deleted items, whoever sent it, oldest first. */
  deleted: Message[];
  upn: string | undefined;
  /** From which the account's own mail comes, in lower case. */
  addresses: readonly string[];
  tenantId: string | undefined;
  /** The tenant's own, in lower case. */
  domains: readonly string[];
  /** What the records leave open. */
  gaps: Gap[];
}

export interface Home {
  country: string;
  basis: "usage location" | "most sign-ins";
}

/** Something that the evidence doesn't tell. A blocking one could hide a compromise, so it rules out "no evidence". */
export interface Gap {
  check: AnyCheckId;
  text: string;
  blocking: boolean;
}

interface Target {
  /** The account under investigation: records of others are set aside. */
  upn: string | null;
  tenantId?: string;
}

export function readEvidence(recognition: Recognition, { upn, tenantId }: Target): Evidence {
  const { records } = recognition;
  const account = accountOf(records, upn);
  const gaps: Gap[] = [];

  const verified = [...new Set(ofKind(records, "domain", "organization").flatMap(toDomains))];
  const domains = verified.length > 0 ? verified : domainsOfUpn(upn);
  if (verified.length === 0) {
    const text = `The tenant's domains were not in the evidence; ${domains.join(" and ") || "none"} counted as its own.`;
    gaps.push({ check: "inbox_rules", text, blocking: false });
  }

  const folders = new Map(
    ofKind(records, "mailFolder").flatMap((record) => {
      const folder = toFolder(record);
      return folder === undefined ? [] : [[folder.id, folder.name] as const];
    }),
  );
  const context: MailboxContext = { folders, domains };
  const rulesOf = (...kinds: EvidenceRecord["kind"][]) =>
    ofKind(records, ...kinds).map((record) => toInboxRule(record, context));
  // Two artifacts may tell of one rule, one of them in less detail.
  const clearer = (rule: InboxRule, other: InboxRule) =>
    other.inspectable && !rule.inspectable ? other : rule;
  // Graph lists none of Exchange's own rules, so one of their names there is somebody's.
  const ofExchange = unique(rulesOf("exchangeRule"), clearer).filter(isNoSystemRule());
  const inboxRules = unique([...rulesOf("messageRule"), ...ofExchange], clearer);

  const isOurs = (who: Person) => isOfAccount(who, upn, account);
  const ofEveryone = unique(ofKind(records, "signIn").map(toSignIn));
  const signIns = ofEveryone.filter(isOurs).sort(byTime);
  const home = homeOf(account, signIns);
  const audits = unique(ofKind(records, "directoryAudit", "unifiedAudit").map(toAuditEvent))
    .filter(({ actor, targets }) => [actor, ...targets].some((each) => isNamed(each, upn, account)))
    .sort(byTime);
  const others = ofEveryone.length - signIns.length;
  const addresses = [...new Set([...(account?.addresses ?? []), upn?.toLowerCase() ?? ""])].filter(Boolean);
  const rest = {
    ...mailboxEvidence(records, { upn, domains, addresses }),
    ...consentEvidence(records, account),
    authMethods: unique(ofKind(records, "authMethod").flatMap((record) => toAuthMethod(record) ?? [])),
    risks: unique(ofKind(records, "riskyUser", "riskDetection").map(toRisk)).filter(isOurs),
  };
  if (account === undefined && ofKind(records, "user").length > 0) {
    const text = "The evidence tells of other accounts, and not of this one.";
    gaps.push({ check: "account_state", text, blocking: true });
  }
  gaps.push(...gapsOf({ ...rest, inboxRules, signIns, account, home, others }));
  return {
    ...rest,
    inboxRules,
    signIns,
    account,
    roles: unique(
      ofKind(records, "directoryRole").map((record) => ({ ...toRole(record), id: toRole(record).name })),
    ),
    home,
    audits,
    auditsSeen: isWhole(recognition, "directoryAudit"),
    inboxRuleChanges: audits
      .filter(({ act, succeeded }) => act === "inbox-rule-changed" && succeeded)
      .map((event) => toInboxRuleChange(event, context)),
    upn: upn ?? account?.upn,
    addresses,
    tenantId: tenantId?.toLowerCase(),
    domains,
    gaps,
  };
}

function isWhole({ lists, records, losses }: Recognition, kind: EvidenceRecord["kind"]): boolean {
  const isOurs = (each: { kind: EvidenceRecord["kind"] }) => each.kind === kind;
  const pages = lists.filter(isOurs);
  return (pages.length > 0 || records.some(isOurs)) && hasLastPages(pages) && !losses.some(isOurs);
}

function mailboxEvidence(
  records: readonly EvidenceRecord[],
  {
    upn,
    domains,
    addresses,
  }: { upn: string | null; domains: readonly string[]; addresses: readonly string[] },
): Pick<Evidence, "mailboxes" | "mailboxPermissions" | "sent" | "deleted"> {
  const mailboxes = ofKind(records, "mailbox").map((record) => toMailbox(record, domains));
  const permissions = ofKind(records, "mailboxPermission").flatMap(
    (record) => toMailboxPermission(record) ?? [],
  );
  const traced = ofKind(records, "messageTrace")
    .map((record) => fromTrace(record, domains))
    .filter(({ from }) => from === undefined || addresses.includes(from));
  const sent = ofKind(records, "sentMessage").map((record) => toMessage(record, domains));
  return {
    mailboxes: mailboxes.filter((mailbox) => mailbox.upn === undefined || sameName(mailbox.upn, upn)),
    mailboxPermissions: permissions,
    sent: unique([...sent, ...traced], withRecipientsOfBoth).sort(byTime),
    deleted: unique(ofKind(records, "deletedMessage").map((record) => toMessage(record, domains))).sort(
      byTime,
    ),
  };
}

/** A trace has a row for each recipient of a message. */
function withRecipientsOfBoth(message: Message, other: Message): Message {
  return {
    ...message,
    recipients: [...new Set([...message.recipients, ...other.recipients])],
    outside: [...new Set([...message.outside, ...other.outside])],
  };
}

function consentEvidence(
  records: readonly EvidenceRecord[],
  account: Account | undefined,
): Pick<Evidence, "consents" | "apps" | "appAssignments"> {
  const apps = unique(ofKind(records, "servicePrincipal").map(toApp));
  const byId = new Map(apps.flatMap((app) => [app.id, app.appId].flatMap((id) => (id ? [[id, app]] : []))));
  const consents = unique(ofKind(records, "permissionGrant").map(toConsent))
    .filter(
      ({ forEveryone, principalId }) =>
        forEveryone || principalId === undefined || account?.id === undefined || principalId === account.id,
    )
    .map((consent) => ({ ...consent, app: byId.get(consent.clientId) }));
  const appAssignments = ofKind(records, "appRoleAssignment").flatMap(
    (record) => toAppAssignment(record, account?.id) ?? [],
  );
  return { consents, apps, appAssignments };
}

function ofKind(records: readonly EvidenceRecord[], ...kinds: EvidenceRecord["kind"][]): EvidenceRecord[] {
  return records.filter(({ kind }) => kinds.includes(kind));
}

/** Of several with one id, the first, unless told otherwise. */
function unique<T extends { id: string }>(
  items: readonly T[],
  choose: (first: T, second: T) => T = (first) => first,
): T[] {
  const byId = new Map<string, T>();
  for (const item of items) {
    const before = byId.get(item.id);
    byId.set(item.id, before === undefined ? item : choose(before, item));
  }
  return [...byId.values()];
}

function accountOf(records: readonly EvidenceRecord[], upn: string | null): Account | undefined {
  const accounts = ofKind(records, "user").map(toAccount);
  // A manager or a guest list may stand beside it. A lone record without a name is taken to be the account.
  const named = accounts.filter((account) => account.upn !== undefined && sameName(account.upn, upn));
  if (named.length > 0) {
    const best = named.reduce((first, next) => (fieldsOf(next) > fieldsOf(first) ? next : first));
    return { ...best, addresses: named.flatMap(({ addresses }) => addresses) };
  }
  const [only, another] = accounts;
  return another === undefined && only?.upn === undefined ? only : undefined;
}

/** How much an account's record tells: one toolkit asked for two fields, another for all. */
function fieldsOf(account: Account): number {
  return Object.values(account).filter((value) => value !== undefined).length;
}

/** Those without a time stand at the end. */
function byTime(a: { at: number | undefined }, b: { at: number | undefined }): number {
  return (a.at ?? Number.MAX_VALUE) - (b.at ?? Number.MAX_VALUE);
}

function sameName(upn: string, target: string | null): boolean {
  return target !== null && upn.toLowerCase() === target.toLowerCase();
}

interface Person {
  userId: string | undefined;
  upn: string | undefined;
}

function isOfAccount(
  { userId, upn: name }: Person,
  upn: string | null,
  account: Account | undefined,
): boolean {
  if (userId !== undefined && account?.id !== undefined) return userId === account.id;
  return name === undefined || upn === null || sameName(name, upn);
}

/** Unlike a sign-in, an audit event has several people in it, and one that is not named is not the account. */
function isNamed(
  { id, upn: name }: { id: string | undefined; upn: string | undefined },
  upn: string | null,
  account: Account | undefined,
): boolean {
  if (id !== undefined && account?.id !== undefined) return id === account.id;
  return name !== undefined && sameName(name, upn);
}

/** A tenant's first domain is `<name>.onmicrosoft.com`, and it stays valid for mail. */
function domainsOfUpn(upn: string | null): string[] {
  const domain = upn?.split("@").at(-1)?.toLowerCase();
  if (domain === undefined || !domain.includes(".")) return [];
  return [...new Set([domain, `${domain.split(".")[0]}.onmicrosoft.com`])];
}

/**
 * Sets aside Exchange's own rules, which `Get-InboxRule -IncludeHidden` lists and whose actions it doesn't show. The name
 * alone proves nothing, since an attacker may choose it: a rule that does anything visible is judged like any other, and
 * a mailbox has one of each, so a second one of a name stays in.
 */
function isNoSystemRule(): (rule: InboxRule) => boolean {
  const known = new Set<string>();
  return ({ inspectable, name = "" }) => {
    if (inspectable || known.has(name)) return true;
    if (!/^(Junk E-Mail Rule|Microsoft\.Exchange\.OOF\..*)$/.test(name)) return true;
    known.add(name);
    return false;
  };
}

/** Without a usage location, a person lives where they sign in: at least ten times, and nearly always. */
function homeOf(account: Account | undefined, signIns: readonly SignIn[]): Home | undefined {
  if (account?.usageLocation !== undefined)
    return { country: account.usageLocation, basis: "usage location" };
  const counts = new Map<string, number>();
  for (const { country, succeeded } of signIns) {
    if (succeeded && country !== undefined) counts.set(country, (counts.get(country) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
  if (most === undefined || most[1] < 10 || most[1] < total * 0.8) return undefined;
  return { country: most[0], basis: "most sign-ins" };
}

function gapsOf({
  inboxRules,
  signIns,
  account,
  home,
  others,
  mailboxes,
  consents,
  authMethods,
  risks,
}: Pick<
  Evidence,
  "inboxRules" | "signIns" | "account" | "home" | "mailboxes" | "consents" | "authMethods" | "risks"
> & { others: number }): Gap[] {
  const gaps: Gap[] = [];
  const add = (check: AnyCheckId, blocking: boolean, text: string) => gaps.push({ check, blocking, text });

  const closed = inboxRules.filter((rule) => !rule.inspectable).length;
  if (closed > 0)
    add("inbox_rules", true, `What ${rules(closed)} ${closed === 1 ? "does" : "do"} could not be seen.`);

  const unknownFolders = inboxRules.filter((rule) => rule.movesToUnknown).length;
  if (unknownFolders > 0) {
    add(
      "inbox_rules",
      true,
      `Where ${rules(unknownFolders)} ${unknownFolders === 1 ? "moves" : "move"} mail could not be seen.`,
    );
  }
  const withoutStatus = signIns.filter((signIn) => signIn.errorCode === undefined).length;
  if (withoutStatus > 0)
    add("signins", true, `Of ${withoutStatus} sign-ins the evidence does not say whether they succeeded.`);

  const successes = signIns.filter((signIn) => signIn.succeeded);
  const countries = new Set(successes.flatMap(({ country }) => country ?? []));
  if (home === undefined && countries.size > 0) {
    const text = `The account has no usage location, so no country counted as foreign; it signed in from ${listed([...countries])}.`;
    add("signins", true, text);
  }
  if (home?.basis === "most sign-ins") {
    const text = `The account has no usage location; ${countryName(home.country)}, where nearly all of its sign-ins came from, counted as its home.`;
    add("signins", false, text);
  }
  const withoutCountry = successes.filter((signIn) => signIn.country === undefined).length;
  if (withoutCountry > 0) {
    const text = `Of ${withoutCountry} successful sign-ins the evidence does not name the country.`;
    add("signins", withoutCountry === successes.length, text);
  }
  if (
    signIns.length > 0 &&
    signIns.every((signIn) => signIn.riskLevel === "hidden" || signIn.riskLevel === undefined)
  ) {
    add("signins", false, "Microsoft's own risk rating of the sign-ins was hidden: it needs Entra ID P2.");
  }
  if (others > 0) add("signins", false, `${others} sign-ins of other accounts were set aside.`);
  if (account !== undefined && account.enabled === undefined) {
    add("account_state", false, "Whether the account is enabled was not in the evidence.");
  }
  const strangers = consents.filter(({ app }) => app === undefined);
  if (strangers.length > 0) {
    const whose = strangers.length === 1 ? "app of one consent" : `apps of ${strangers.length} consents`;
    const canHarm = strangers.some(({ scopes }) => scopes.some(isFarReaching));
    add("oauth_consents", canHarm, `Who publishes the ${whose} was not in the evidence.`);
  }
  const undated = authMethods.filter(({ createdAt }) => createdAt === undefined).length;
  if (undated > 0) {
    add(
      "auth_methods",
      false,
      `When ${undated === 1 ? "one sign-in method was" : `${undated} sign-in methods were`} registered was not in the evidence.`,
    );
  }
  if (risks.some(({ level }) => level === "hidden")) {
    add("risk", false, "Microsoft's own rating of the account was hidden: it needs Entra ID P2.");
  }
  if (mailboxes.some(({ forwardsToEntry }) => forwardsToEntry !== undefined)) {
    add("mailbox_forwarding", false, "Which address the mailbox forwards to was not in the evidence.");
  }
  return gaps;
}

function rules(n: number): string {
  return n === 1 ? "one inbox rule" : `${n} inbox rules`;
}
