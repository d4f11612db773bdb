import { expect, test } from "vitest";
import { defangAnswer } from "../../../worker/assistant/defang-answer.ts";

const ourHosts = ["tools.msp.example"];

test.for<[title: string, text: string, expected: string]>([
  ["Markdown stays", "**Two** tasks:\n- a\n- `b`", "**Two** tasks:\n- a\n- `b`"],
  ["a link to our host stays", "See https://tools.msp.example/t/7.", "See https://tools.msp.example/t/7."],
  [
    "a foreign link is quoted and broken, without the full stop",
    "Go to https://evil.example/?k=1.",
    "Go to `hxxps://evil[.]example/?k=1`.",
  ],
  ["http to our host is foreign", "http://tools.msp.example/", "`hxxp://tools[.]msp[.]example/`"],
  ["a link within emphasis", "_https://evil.example/a_", "_`hxxps://evil[.]example/a`_"],
  ["a link glued to a word", "1https://evil.example/a", "1`hxxps://evil[.]example/a`"],
  ["a link in angle brackets", "<https://evil.example/a>", "<`hxxps://evil[.]example/a`>"],
  [
    "our host as a user name",
    "https://tools.msp.example@evil.example/",
    "`hxxps://tools[.]msp[.]example@evil[.]example/`",
  ],
  [
    "our host before a backslash",
    "https://tools.msp.example\\@evil.example/",
    "`hxxps://tools[.]msp[.]example\\@evil[.]example/`",
  ],
  [
    "our host before a backtick",
    "https://tools.msp.example`@evil.example/",
    "`hxxps://tools[.]msp[.]example'@evil[.]example/`",
  ],
  [
    "our host as a subdomain",
    "https://tools.msp.example.evil.example",
    "`hxxps://tools[.]msp[.]example[.]evil[.]example`",
  ],
  ["another port of our host", "https://tools.msp.example:8443/", "`hxxps://tools[.]msp[.]example:8443/`"],
  ["another scheme", "steam://run/1", "`steam[:]//run/1`"],
  ["an invitation without a scheme", "join discord.gg/abc", "join `discord[.]gg/abc`"],
  [
    "a masked link shows where it leads",
    "[our docs](https://evil.example/a)",
    "[our docs] (`hxxps://evil[.]example/a`)",
  ],
  [
    "an image within a masked link",
    "[![x](https://evil.example/1)](https://evil.example/2)",
    "[![x] (`hxxps://evil[.]example/1`)] (`hxxps://evil[.]example/2`)",
  ],
  [
    "a link whose scheme is split by what can't be seen",
    "ht\u200btps://evil.example/",
    "`hxxps://evil[.]example/`",
  ],
  [
    "a link in a code block stays code",
    "```\ncurl https://evil.example/a\n```",
    "```\ncurl hxxps://evil[.]example/a\n```",
  ],
  ["a link in inline code", "`https://evil.example`", "`hxxps://evil[.]example`"],
  ["everyone is not called", "@everyone and @here", "@\u200beveryone and @\u200bhere"],
  [
    "nobody is mentioned",
    "<@1> <@&2> <#3> </ask:4> <id:guide>",
    "<\u200b@1> <\u200b@&2> <\u200b#3> <\u200b/ask:4> <\u200bid:guide>",
  ],
  ["not in code either", "`<@1>`", "`<\u200b@1>`"],
  ["an address is no mention", "adele@contoso.com", "adele@contoso.com"],
  ["a timestamp stays", "<t:1764000000:R>", "<t:1764000000:R>"],
  ["an open code block is closed", "```sh\nls", "```sh\nls\n```"],
  ["no line looks like a footer of ours", "-# Done · 0.1 s\n  -# ✅ ok", "\\-# Done · 0.1 s\n  \\-# ✅ ok"],
  ["not in a quote or a list either", "> -# Done\n- -# Done", "> \\-# Done\n- \\-# Done"],
  ["a secret of a known shape", "key sk-ant-api03-abcdef", "key [redacted]"],
])("%s", ([, text, expected]) => {
  expect(defangAnswer(text, { ourHosts })).toBe(expected);
});

test("a secret of this process is removed whatever it looks like", () => {
  expect(defangAnswer("It is hunter2hunter2.", { secrets: ["hunter2hunter2"] })).toBe("It is [redacted].");
});

test("no foreign link is ever alive in a text that is still growing", () => {
  const text =
    "See [docs](https://evil.example/a) and `https://evil.example/b` or\n```\nhttps://evil.example/c\n```";
  for (let end = 0; end <= text.length; end++) {
    expect(defangAnswer(text.slice(0, end), { ourHosts })).not.toMatch(/https?:\/\/[a-z]/);
  }
});

test("a long text of half-finished markup takes no time", () => {
  for (const part of ["[", "](", "``", "https://", "<@", "a.", "www."]) {
    const startedAt = performance.now();
    defangAnswer(part.repeat(10_000), { ourHosts });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  }
});
