import { describe, expect, test } from "vitest";
import type { Finding, Severity } from "../../../../worker/findings/findings.ts";
import type { InboxRule } from "../../../../worker/findings/inbox-rule.ts";
import { blankName } from "../../../../worker/findings/rules/blank-name.ts";
import { externalForward } from "../../../../worker/findings/rules/external-forward.ts";
import { matchesEverything } from "../../../../worker/findings/rules/matches-everything.ts";
import { uninspectableInboxRule } from "../../../../worker/findings/rules/uninspectable-inbox-rule.ts";
import { unreadFolder } from "../../../../worker/findings/rules/unread-folder.ts";
import { HOSTILE_NAMES, harmless } from "./inbox-rules.ts";

type Row = [title: string, change: Partial<InboxRule>, severity: Severity | undefined];
type InboxRuleRule = (inboxRule: InboxRule) => Finding | undefined;

const outside: Partial<InboxRule> = {
  forwardsTo: ["eve@evil.example"],
  forwardsOutside: ["eve@evil.example"],
};
const all: Partial<InboxRule> = { matchesEverything: true, keywords: [], movesTo: undefined };

describe.for<[name: string, InboxRuleRule, Row[]]>([
  [
    "a forward",
    externalForward,
    [
      ["forwarding outside is high", outside, "high"],
      ["deleting the copy makes it critical", { ...outside, deletes: true }, "critical"],
      ["hiding the copy makes it critical", { ...outside, movesTo: "RSS Feeds" }, "critical"],
      ["archiving the copy does not", { ...outside, movesTo: "Archive" }, "high"],
      ["switched off it is medium", { ...outside, deletes: true, enabled: false }, "medium"],
      ["an unreadable target is outside", { forwardsTo: [""], forwardsOutside: [""] }, "high"],
      ["a directory entry is low", { forwardsTo: ["Bob"], forwardsUnread: ["Bob"] }, "low"],
      ["forwarding to a colleague is no finding", { forwardsTo: ["alex@contoso.com"] }, undefined],
      ["not forwarding is no finding", {}, undefined],
    ],
  ],
  [
    "an unread folder",
    unreadFolder,
    [
      ["RSS Feeds is medium", { movesTo: "RSS Feeds" }, "medium"],
      ["RSS Feeds and read is high", { movesTo: "RSS Feeds", marksRead: true }, "high"],
      ["RSS Feeds and a short name is high", { movesTo: "RSS Feeds", name: "ab" }, "high"],
      ["Conversation History and read is high", { movesTo: "Conversation History", marksRead: true }, "high"],
      [
        "archived, read and without a name is high",
        { movesTo: "Archive", marksRead: true, name: "," },
        "high",
      ],
      ["archived and read is no finding", { movesTo: "Archive", marksRead: true }, undefined],
      ["junk and read is no finding", { movesTo: "Junk Email", marksRead: true }, undefined],
      ["a folder of one's own and read is no finding", { marksRead: true }, undefined],
      ["mail about invoices is another rule's", { movesTo: "RSS Feeds", keywords: ["invoice"] }, undefined],
    ],
  ],
  [
    "all mail",
    matchesEverything,
    [
      ["deleting all mail is high", { ...all, deletes: true }, "high"],
      ["moving all mail to RSS Feeds is high", { ...all, movesTo: "RSS Feeds" }, "high"],
      ["archiving all mail as read is high", { ...all, movesTo: "Archive", marksRead: true }, "high"],
      ["moving all mail to an ordinary folder is low", { ...all, movesTo: "Old" }, "low"],
      ["switched off it is medium", { ...all, deletes: true, enabled: false }, "medium"],
      ["flagging all mail is no finding", all, undefined],
      ["with a condition it is no finding", { ...all, deletes: true, matchesEverything: false }, undefined],
      [
        "without knowing the conditions it is no finding",
        { ...all, deletes: true, inspectable: false },
        undefined,
      ],
    ],
  ],
  [
    "a blank name",
    blankName,
    [
      ["a full stop is low", { name: "." }, "low"],
      ["nothing is low", { name: "" }, "low"],
      ["invisible characters are low", { name: "\u200B\u202E " }, "low"],
      ["a full stop that deletes is medium", { name: "..", deletes: true }, "medium"],
      ["switched off that is low", { name: "..", deletes: true, enabled: false }, "low"],
      [
        "what another rule reports is not repeated",
        { name: ".", deletes: true, keywords: ["invoice"] },
        undefined,
      ],
      ["two letters are no finding", { name: "HR" }, undefined],
      ["a name in another script is no finding", { name: "请假" }, undefined],
      ["a name that the evidence left out is no finding", { name: undefined }, undefined],
    ],
  ],
  [
    "an uninspectable rule",
    uninspectableInboxRule,
    [
      ["a rule that cannot be inspected is low", { inspectable: false }, "low"],
      ["one that can be is no finding", {}, undefined],
    ],
  ],
])("%s", ([, rule, rows]) => {
  test.for(rows)("%s", ([, change, severity]) => {
    expect(rule({ ...harmless, ...change })?.severity).toBe(severity);
  });
});

test.for(HOSTILE_NAMES)("the name %j makes no harmless rule suspicious", (name) => {
  for (const rule of [externalForward, unreadFolder, matchesEverything, blankName, uninspectableInboxRule]) {
    expect(rule({ ...harmless, name })).toBeUndefined();
  }
});

test("a finding keeps its id when the inbox rule is renamed", () => {
  const before = externalForward({ ...harmless, ...outside });
  expect(externalForward({ ...harmless, ...outside, name: "renamed" })?.id).toBe(before?.id);
  expect(before?.id).toMatch(/^[0-9a-f]{40}$/);
});
