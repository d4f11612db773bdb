import { expect, test } from "vitest";
import { hear } from "../../../../worker/discord/gateway/hear.ts";
import {
  APPLICATION,
  CHANNEL,
  GUILD,
  messageCreate,
  snowflake,
  TECH_ROLE,
  TECH_USER,
} from "../../../interactions.ts";

const options = { applicationId: APPLICATION, guildId: GUILD };
const mention = `<@${APPLICATION}> which clients have open tasks?`;
const heard = (...message: Parameters<typeof messageCreate>) => hear(messageCreate(...message), options);

test("a mention in our server is a question, with the roles of whoever asks", () => {
  const id = snowflake();
  expect(heard(mention, { id })).toEqual({
    kind: "question",
    question: {
      messageId: id,
      channelId: CHANNEL,
      guildId: GUILD,
      userId: TECH_USER,
      roleIds: [TECH_ROLE],
      text: "which clients have open tasks?",
      title: "which clients have open tasks?",
      isAddressed: true,
      files: 0,
    },
  });
});

test.for<[title: string, content: string, change: Parameters<typeof messageCreate>[1], because: string]>([
  ["our own message", mention, { userId: APPLICATION, author: { bot: true } }, "our own"],
  ["another bot's", mention, { author: { bot: true } }, "from a bot or a webhook"],
  ["a webhook's", mention, { webhookId: snowflake() }, "from a bot or a webhook"],
  ["a direct message", mention, { guildId: null }, "a direct message"],
  ["one from another server", mention, { guildId: snowflake() }, "from another server"],
  ["that somebody joined", mention, { type: 7 }, "written by Discord"],
  ["that a thread was opened", mention, { type: 18 }, "written by Discord"],
  ["the first message of a thread", mention, { type: 21 }, "written by Discord"],
  ["one whose text we may not read", "", {}, "without a text"],
  ["one to somebody else", "<@1100000000000000077> look at this", {}, "for somebody else"],
])("%s is ignored", ([, content, change, because]) => {
  expect(heard(content, change)).toEqual({ kind: "ignored", because });
});

test.for<[title: string, payload: unknown]>([
  ["nothing", undefined],
  ["a text", "hello"],
  ["an event without an author", { ...messageCreate(mention), author: undefined }],
  ["an id that is no number", { ...messageCreate(mention), id: "1; DROP" }],
  ["a role that is no id", { ...messageCreate(mention), member: { roles: ["admin"] } }],
])("%s is ignored, not thrown at", ([, payload]) => {
  expect(hear(payload, options)).toEqual({ kind: "ignored", because: "not a message that we understand" });
});

test("a reply to the bot counts as addressed to it, without a mention in the text", () => {
  expect(heard("and for Fabrikam?", { type: 19, mentions: [APPLICATION] })).toMatchObject({
    question: { text: "and for Fabrikam?", isAddressed: true },
  });
});

test("a message that mentions nobody is a question for the bot's own threads alone", () => {
  expect(heard("and for Fabrikam?")).toMatchObject({ question: { isAddressed: false } });
});

test.for<[title: string, change: object]>([
  ["one to everybody", { mention_everyone: true }],
  ["one to a role", { mention_roles: ["1100000000000000088"] }],
  ["a reply to somebody else, who is not pinged", { referenced_message: { author: { id: TECH_USER } } }],
])("%s is no question, unless it mentions the bot", ([, change]) => {
  const because = "for somebody else";
  expect(hear({ ...messageCreate("lunch?"), ...change }, options)).toEqual({ kind: "ignored", because });
  expect(hear({ ...messageCreate(mention), ...change }, options)).toMatchObject({ kind: "question" });
});

test.for<[title: string, change: object]>([
  ["that is gone", { referenced_message: null }],
  ["of the bot, which is not pinged", { referenced_message: { author: { id: APPLICATION } } }],
])("a reply to a message %s is a question for the bot's own threads", ([, change]) => {
  expect(hear({ ...messageCreate("and Fabrikam?"), ...change }, options)).toMatchObject({
    question: { isAddressed: false },
  });
});

test("files are counted, stickers among them", () => {
  const files = { attachments: [{ id: "1" }, { id: "2" }], sticker_items: [{ id: "3" }] };
  expect(hear({ ...messageCreate(mention), ...files }, options)).toMatchObject({ question: { files: 3 } });
});

test.for([`<@${APPLICATION}>`, `<@!${APPLICATION}>  `, ` <@${APPLICATION}> <@${APPLICATION}>`])(
  'the mention alone ("%s") is an empty question',
  (content) => {
    expect(heard(content)).toMatchObject({ question: { text: "", title: "Question" } });
  },
);

test("somebody without a role is heard, with no roles", () => {
  const { member: _, ...message } = messageCreate(mention);
  expect(hear(message, options)).toMatchObject({ question: { roleIds: [] } });
});

test.for<[title: string, text: string, name: string]>([
  ["a short question stays", "who is on call?", "who is on call?"],
  ["lines become one", "who\nis on call?", "who ⏎ is on call?"],
  ["mentions and emoji are left out", "<@1100000000000000077> in <#1100000000000000002> <:ok:1>?", "in ?"],
  ["a secret is left out", "is password=canary-1 theirs?", "is password=[redacted] theirs?"],
  ["what cannot be seen is named", "a\u202eb", "a⟨U+202E⟩b"],
  ["a long one is cut to 100", "x".repeat(300), `${"x".repeat(99)}…`],
  ["a character is not cut in two", `${"x".repeat(98)}😀${"y".repeat(9)}`, `${"x".repeat(98)}…`],
])("in a thread's name, %s", ([, text, name]) => {
  expect(heard(`<@${APPLICATION}> ${text}`)).toMatchObject({ question: { title: name } });
});
