import { type Account, type Role, toAccount, toDomains, toFolder, toRole } from "./account.ts";
import type { AnyCheckId } from "./findings.ts";
import { type InboxRule, toInboxRule } from "./inbox-rule.ts";
import type { EvidenceRecord, Recognition } from "./recognise.ts";
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

/** @param upn - The account under investigation: records of others are set aside. */
export function readEvidence({ records }: Recognition, { upn }: { upn: string | null }): Evidence {
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
  const inboxRules = unique(
    ofKind(records, "messageRule", "exchangeRule").map((record) => toInboxRule(record, { folders, domains })),
    // Two artifacts may tell of one rule, one of them in less detail.
    (rule, other) => (other.inspectable && !rule.inspectable ? other : rule),
  ).filter((rule) => !isSystemRule(rule));

  const ofEveryone = unique(ofKind(records, "signIn").map(toSignIn), (signIn) => signIn);
  const signIns = ofEveryone
    .filter((signIn) => isOfAccount(signIn, upn, account))
    .sort((a, b) => (a.at ?? Number.POSITIVE_INFINITY) - (b.at ?? Number.POSITIVE_INFINITY));

  const home = homeOf(account, signIns);
  gaps.push(...gapsOf({ inboxRules, signIns, account, home, others: ofEveryone.length - signIns.length }));
  return {
    inboxRules,
    signIns,
    account,
    roles: unique(
      ofKind(records, "directoryRole").map((record) => ({ ...toRole(record), id: toRole(record).name })),
      (role) => role,
    ),
    home,
    gaps,
  };
}

function ofKind(records: readonly EvidenceRecord[], ...kinds: EvidenceRecord["kind"][]): EvidenceRecord[] {
  return records.filter(({ kind }) => kinds.includes(kind));
}

function unique<T extends { id: string }>(items: readonly T[], choose: (first: T, second: T) => T): T[] {
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
  if (named.length > 0) return named.reduce((best, next) => (fieldsOf(next) > fieldsOf(best) ? next : best));
  const [only, another] = accounts;
  return another === undefined && only?.upn === undefined ? only : undefined;
}

/** How much an account's record tells: one toolkit asked for two fields, another for all. */
function fieldsOf(account: Account): number {
  return Object.values(account).filter((value) => value !== undefined).length;
}

function sameName(upn: string, target: string | null): boolean {
  return target !== null && upn.toLowerCase() === target.toLowerCase();
}

function isOfAccount(signIn: SignIn, upn: string | null, account: Account | undefined): boolean {
  if (signIn.userId !== undefined && account?.id !== undefined) return signIn.userId === account.id;
  return signIn.upn === undefined || upn === null || sameName(signIn.upn, upn);
}

/** A tenant's first domain is `<name>.onmicrosoft.com`, and it stays valid for mail. */
function domainsOfUpn(upn: string | null): string[] {
  const domain = upn?.split("@").at(-1)?.toLowerCase();
  if (domain === undefined || !domain.includes(".")) return [];
  return [...new Set([domain, `${domain.split(".")[0]}.onmicrosoft.com`])];
}

/**
 * Exchange's own rules, which `Get-InboxRule -IncludeHidden` lists and whose actions it doesn't show. The name alone
 * proves nothing, since an attacker may choose it, so a rule that does anything visible is judged like any other.
 */
function isSystemRule(rule: InboxRule): boolean {
  return !rule.inspectable && /^(Junk E-Mail Rule|Microsoft\.Exchange\.OOF\..*)$/.test(rule.name ?? "");
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
}: Pick<Evidence, "inboxRules" | "signIns" | "account" | "home"> & { others: number }): Gap[] {
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
    const text = "The account has no usage location, so no country counted as foreign.";
    add("signins", countries.size > 1, text);
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
  return gaps;
}

function rules(n: number): string {
  return n === 1 ? "one inbox rule" : `${n} inbox rules`;
}
