import { describe, expect, test } from "vitest";
import type { Severity } from "../../../../worker/findings/findings.ts";
import type { InboxRule } from "../../../../worker/findings/inbox-rule.ts";
import {
  ARCHIVE_FOLDERS,
  DISCARD_FOLDERS,
  OBSCURE_FOLDERS,
} from "../../../../worker/findings/indicators/folders.ts";
import { MAIL_WORDS, SENDERS } from "../../../../worker/findings/indicators/mail-words.ts";
import { hiddenMail } from "../../../../worker/findings/rules/hidden-mail.ts";
import { HOSTILE_NAMES, harmless } from "./inbox-rules.ts";

const deletesInvoices: InboxRule = {
  ...harmless,
  name: "Invoices",
  keywords: ["Invoices"],
  deletes: true,
  movesTo: undefined,
};
const archived: Partial<InboxRule> = { deletes: false, movesTo: "Archive" };

test.for<[title: string, change: Partial<InboxRule>, severity: Severity | undefined]>([
  ["deleting invoices is critical", {}, "critical"],
  ["moving them to RSS Feeds is critical", { deletes: false, movesTo: "RSS Feeds" }, "critical"],
  ["a folder's name is compared in any case", { deletes: false, movesTo: "rss feeds" }, "critical"],
  ["moving them to Deleted Items is critical", { deletes: false, movesTo: "Deleted Items" }, "critical"],
  ["deleting mail about phishing is critical", { keywords: ["phishing"] }, "critical"],
  [
    "deleting Microsoft's warnings is critical",
    { keywords: [], senders: ["account-security-noreply@"] },
    "critical",
  ],
  ["one telling word among ordinary ones is critical", { keywords: ["hello", "Your IBAN"] }, "critical"],
  ["a switched-off rule is medium", { enabled: false }, "medium"],
  ["archiving invoices is low: everybody does", archived, "low"],
  ["archiving them as read is high", { ...archived, marksRead: true }, "high"],
  ["archiving them without a real name is high", { ...archived, name: ".." }, "high"],
  ["deleting alerts is low: technicians do", { keywords: ["alert"] }, "low"],
  ["deleting alerts without a real name is high", { keywords: ["alert"], name: "." }, "high"],
  [
    "moving invoices to a folder without a known name is low",
    { deletes: false, movesToUnknown: true },
    "low",
  ],
  ["filing them under Invoices is no finding", { deletes: false, movesTo: "Invoices" }, undefined],
  ["marking them read is no finding", { deletes: false, marksRead: true }, undefined],
  ["deleting newsletters is no finding", { keywords: ["newsletter"] }, undefined],
  ['deleting "enter to win" is no finding', { keywords: ["enter to win"] }, undefined],
  ["deleting spam is no finding", { keywords: ["[SPAM]"] }, undefined],
  ["a word inside another is no finding", { keywords: ["Bachelor", "shackle", "rewired"] }, undefined],
  ["archiving alerts is low", { ...archived, keywords: ["alert"] }, "low"],
])("%s", ([, change, severity]) => {
  expect(hiddenMail({ ...deletesInvoices, ...change })?.severity).toBe(severity);
});

test("the reason quotes what the rule looks for and what becomes of it", () => {
  expect(hiddenMail({ ...deletesInvoices, marksRead: true })?.why).toBe(
    'The inbox rule "Invoices" looks for "Invoices", and what it finds is deleted and marked as read.',
  );
});

test.for(HOSTILE_NAMES)("the name %j changes nothing but the quotation", (name) => {
  const { severity, id } = hiddenMail(deletesInvoices) ?? {};
  const named = hiddenMail({ ...deletesInvoices, name });
  expect(named).toMatchObject({ severity, id });
  expect(named?.why.length).toBeLessThan(200);
});

describe("each entry of the lists fires", () => {
  const wordsOf = (lists: typeof MAIL_WORDS, weight: string) =>
    lists
      .filter((list) => list.weight === weight)
      .flatMap(({ words }) => words.map((word) => word.replace(/\.$/, "")));

  test.for(wordsOf(MAIL_WORDS, "telling"))("%s in the subject", (word) => {
    expect(hiddenMail({ ...deletesInvoices, keywords: [`Re: ${word.toUpperCase()}`] })?.severity).toBe(
      "critical",
    );
  });
  test.for(wordsOf(MAIL_WORDS, "common"))("%s in the subject, with a blank name", (word) => {
    expect(hiddenMail({ ...deletesInvoices, keywords: [word], name: "." })?.severity).toBe("high");
  });
  test.for(wordsOf(SENDERS, "telling"))("%s as the sender", (sender) => {
    expect(hiddenMail({ ...deletesInvoices, keywords: [], senders: [sender] })?.severity).toBe("critical");
  });
  test.for(wordsOf(SENDERS, "common"))("%s as the sender, with a blank name", (sender) => {
    const rule = { ...deletesInvoices, keywords: [], senders: [sender], name: "." };
    expect(hiddenMail(rule)?.severity).toBe("high");
  });
  test.for([...OBSCURE_FOLDERS, ...DISCARD_FOLDERS])("invoices in %s", (movesTo) => {
    expect(hiddenMail({ ...deletesInvoices, deletes: false, movesTo })?.severity).toBe("critical");
  });
  test.for([...ARCHIVE_FOLDERS])("invoices read in %s", (movesTo) => {
    expect(hiddenMail({ ...deletesInvoices, deletes: false, movesTo, marksRead: true })?.severity).toBe(
      "high",
    );
  });
});
