import { describe, expect, test } from "vitest";
import { type InboxRule, toInboxRule } from "../../../worker/findings/inbox-rule.ts";
import type { RecordKind } from "../../../worker/findings/record-kinds.ts";

const context = {
  folders: new Map([[`AAMk${"A".repeat(80)}=`, "RSS Feeds"]]),
  domains: ["contoso.com", "contoso.onmicrosoft.com"],
};
const read = (kind: RecordKind, value: Record<string, unknown>) =>
  toInboxRule({ kind, value, source: { artifact: "x", path: "$" } }, context);

const graph = {
  id: "1",
  displayName: "Bills",
  sequence: 1,
  isEnabled: true,
  hasError: false,
  isReadOnly: false,
  conditions: { subjectContains: ["bill"] },
  actions: { markAsRead: true },
};
const to = (address: unknown) => [{ emailAddress: { name: "Eve", address } }];

describe("Graph's message rule", () => {
  test.for<[title: string, change: Record<string, unknown>, expected: Partial<InboxRule>]>([
    [
      "words of all conditions",
      { conditions: { subjectContains: ["a1"], bodyContains: ["b1"], bodyOrSubjectContains: ["c1"] } },
      { keywords: ["a1", "b1", "c1"] },
    ],
    [
      "senders by word and by address",
      { conditions: { senderContains: ["@x"], fromAddresses: to("e@x.y") } },
      { senders: ["@x", "e@x.y"] },
    ],
    ["deletion", { actions: { delete: true } }, { deletes: true, inspectable: true }],
    ["permanent deletion", { actions: { permanentDelete: true } }, { deletes: true }],
    [
      "a folder by its id",
      { actions: { moveToFolder: `AAMk${"A".repeat(80)}=` } },
      { movesTo: "RSS Feeds", movesToUnknown: false },
    ],
    [
      "a folder whose id is not known",
      { actions: { moveToFolder: `AAMk${"B".repeat(80)}=` } },
      { movesTo: undefined, movesToUnknown: true },
    ],
    [
      "a folder that the script named already",
      { actions: { moveToFolder: "Archive" } },
      { movesTo: "Archive" },
    ],
    [
      "forwarding inside",
      { actions: { forwardTo: to("a@contoso.com") } },
      { forwardsTo: ["a@contoso.com"], forwardsOutside: [] },
    ],
    [
      "forwarding as attachment outside",
      { actions: { forwardAsAttachmentTo: to("e@evil.example") } },
      { forwardsOutside: ["e@evil.example"] },
    ],
    [
      "redirecting outside",
      { actions: { redirectTo: to("e@evil.example") } },
      { forwardsOutside: ["e@evil.example"] },
    ],
    ["a target without an address", { actions: { forwardTo: to(null) } }, { forwardsOutside: ["Eve"] }],
    ["disabled", { isEnabled: false }, { enabled: false }],
    [
      "no actions: not inspectable",
      { actions: undefined, conditions: undefined, isReadOnly: true },
      { inspectable: false, matchesEverything: false },
    ],
    ["empty actions: not inspectable", { actions: {} }, { inspectable: false }],
    ["actions that are text: not inspectable", { actions: "System.Object" }, { inspectable: false }],
    [
      "conditions that are text: not inspectable",
      { conditions: "@{subjectContains=}" },
      { inspectable: false, matchesEverything: false },
    ],
    [
      "read-only without conditions: not inspectable",
      { isReadOnly: true, conditions: null },
      { inspectable: false },
    ],
    [
      "read-only, so perhaps shown in part: not inspectable",
      { isReadOnly: true, actions: { markAsRead: true } },
      { inspectable: false },
    ],
    [
      "an action that did not exist yesterday: not inspectable",
      { actions: { markAsRead: true, sendToMars: "now" } },
      { inspectable: false },
    ],
    [
      "recipients of an unknown shape: not inspectable",
      { actions: { markAsRead: true, forwardTo: ["e@evil.example"] } },
      { inspectable: false },
    ],
    [
      "an action that is switched off and one that stops the others: inspectable",
      {
        actions: {
          "@odata.type": "#microsoft.graph.messageRuleActions",
          delete: false,
          stopProcessingRules: true,
        },
      },
      { inspectable: true },
    ],
    ["no conditions: everything", { conditions: null }, { matchesEverything: true, inspectable: true }],
    ["a single letter: everything", { conditions: { bodyContains: ["a"] } }, { matchesEverything: true }],
    ['"@" in the sender: everything', { conditions: { senderContains: ["@"] } }, { matchesEverything: true }],
    ["NUL in the body: everything", { conditions: { bodyContains: ["\0"] } }, { matchesEverything: true }],
    [
      "larger than nothing: everything",
      { conditions: { withinSizeRange: { minimumSize: 0, maximumSize: 0 } } },
      { matchesEverything: true },
    ],
    [
      "a letter and a word must both match",
      { conditions: { bodyContains: ["a"], senderContains: ["boss"] } },
      { matchesEverything: false },
    ],
    [
      "larger than a megabyte is a condition",
      { conditions: { withinSizeRange: { minimumSize: 1000, maximumSize: 0 } } },
      { matchesEverything: false },
    ],
    [
      "a condition that did not exist yesterday is one",
      { conditions: { isFromMars: true } },
      { matchesEverything: false },
    ],
    ["a condition set to false is none", { conditions: { sentToMe: false } }, { matchesEverything: true }],
    [
      "a character of another script is a word",
      { conditions: { subjectContains: ["账"] } },
      { matchesEverything: false },
    ],
  ])("%s", ([, change, expected]) => {
    expect(read("messageRule", { ...graph, ...change })).toMatchObject(expected);
  });
});

const exchange = {
  ruleIdentity: "77",
  name: "Bills",
  enabled: true,
  subjectContainsWords: ["bill"],
  markAsRead: true,
};

describe("Exchange's Get-InboxRule", () => {
  test.for<[title: string, change: Record<string, unknown>, expected: Partial<InboxRule>]>([
    ["identity and name", {}, { id: "77", name: "Bills", inspectable: true, matchesEverything: false }],
    ["an identity too large for a number", { ruleIdentity: 12 }, { id: "12" }],
    ["deletion", { deleteMessage: true }, { deletes: true }],
    ["a folder by name", { moveToFolder: "RSS Feeds" }, { movesTo: "RSS Feeds" }],
    [
      "a folder by path",
      { moveToFolder: "adele:\\Inbox\\Conversation History" },
      { movesTo: "Conversation History" },
    ],
    ["a folder as an object", { moveToFolder: { displayName: "Archive" } }, { movesTo: "Archive" }],
    [
      "an address in brackets",
      { forwardTo: ['"Eve" [SMTP:eve@evil.example]'] },
      { forwardsOutside: ["eve@evil.example"] },
    ],
    [
      "several in one string",
      { redirectTo: "smtp:a@contoso.com;smtp:eve@evil.example" },
      { forwardsTo: ["a@contoso.com", "eve@evil.example"], forwardsOutside: ["eve@evil.example"] },
    ],
    [
      "a directory entry",
      { forwardTo: ['"Bob" [EX:/o=ExchangeLabs/cn=bob]'] },
      { forwardsOutside: [], forwardsUnread: ['"Bob" [EX:/o=ExchangeLabs/cn=bob]'] },
    ],
    ["no conditions: everything", { subjectContainsWords: null }, { matchesEverything: true }],
    [
      "a size that all mail exceeds: everything",
      { subjectContainsWords: [], withinSizeRangeMinimum: "1 KB (1,023 bytes)" },
      { matchesEverything: true },
    ],
    [
      "a size is a condition",
      { subjectContainsWords: [], withinSizeRangeMinimum: "1 MB (1,048,576 bytes)" },
      { matchesEverything: false },
    ],
    ["no actions: not inspectable", { markAsRead: false }, { inspectable: false }],
    ["recipients of an unknown shape: not inspectable", { redirectTo: [{ a: 1 }] }, { inspectable: false }],
    [
      "a folder of an unknown shape is an unknown folder",
      { moveToFolder: { a: 1 } },
      { movesToUnknown: true },
    ],
  ])("%s", ([, change, expected]) => {
    expect(read("exchangeRule", { ...exchange, ...change })).toMatchObject(expected);
  });
});
