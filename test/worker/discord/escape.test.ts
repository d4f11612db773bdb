import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeForCodeBlock, escapeLine } from "../../../worker/discord/escape.ts";

/** What a person reads: Discord drops the backslash before anything that is not a letter, digit or space. */
const read = (markup: string) => markup.replace(/\\([^0-9A-Za-z\s])/g, "$1");
/** What is left for Discord's parser to find once every escaped character is gone. */
const live = (markup: string) => markup.replace(/\\[^0-9A-Za-z\s]/g, "\u0001");

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...[
        "*",
        "_",
        "~",
        "|",
        "`",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "@",
        "#",
        ":",
        "\\",
        "-",
        "+",
        "1.",
        " ",
        "\n",
        "\r",
      ],
      ...[
        "\t",
        "\0",
        "\u202e",
        "\u200b",
        "\ufeff",
        "\ud83d",
        "https://",
        "http://",
        "HTTPS://",
        "//",
        ".",
        "/",
        "evil.example",
      ],
      ...[
        "everyone",
        "here",
        "discord.gg/",
        "www.",
        "a",
        "b",
        "_a",
        "😀",
        "👩‍💻",
        "<@1>",
        "<t:1>",
        "<:x:1>",
        "```",
      ],
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
  maxLength: 40,
});

describe("escapeLine", () => {
  test.for([
    ["adele_vance@contoso.com", "adele_vance@contoso.com"],
    ["Invoices 2026 (Q3), R&D", "Invoices 2026 (Q3), R&D"],
    ["Zoë Ångström, 山田太郎, نور", "Zoë Ångström, 山田太郎, نور"],
    ["👩‍💻 on call", "👩‍💻 on call"],
    ["203.0.113.7, 2001:db8::1, 12:30:05", "203.0.113.7, 2001\\:db8::1, 12:30:05"],
    ["no Entra ID P1 licence", "no Entra ID P1 licence"],
    ["contoso.onmicrosoft.com", "contoso.onmicrosoft.com"],
  ])("leaves what people write readable: %s", ([text = "", expected]) => {
    expect(escapeLine(text)).toBe(expected);
  });

  test.for([
    ["a masked link", "[Login](https://evil.example)", "[Login](hxxps://evil[.]example)"],
    ["the second masked link of a line", "[a](b) [c](http://x.example/)", "[a](b) [c](hxxp://x[.]example/)"],
    ["a link", "see https://a.evil.example/x?y=1.2", "see hxxps://a[.]evil[.]example/x?y=1.2"],
    ["a link in capitals", "HTTPS://EVIL.EXAMPLE", "HXXPS://EVIL[.]EXAMPLE"],
    ["a link after an underscore", "_https://evil.example", "_hxxps://evil[.]example"],
    ["a link that starts Steam", "steam://run/1", "steam[:]//run/1"],
    [
      "an invite",
      "join discord.gg/x or discord.com/invite/x",
      "join discord[.]gg/x or discord[.]com/invite/x",
    ],
    ["a host", "www.evil.example", "www[.]evil.example"],
    ["a heading", "# big", "# big"],
    ["subtext", "-# Done · 1.0 s · 123456", "-# Done · 1.0 s · 123456"],
    ["a quote", "> said", "> said"],
    ["a list", "- one", "- one"],
    ["a numbered list", "1. one", "1. one"],
    ["a user", "<@123>", "<@123>"],
    ["a role", "<@&123>", "<@&123>"],
    ["a channel", "<#123>", "<#123>"],
    ["a command", "</ban:123>", "</ban:123>"],
    ["a timestamp", "<t:1700000000:R>", "<t:1700000000:R>"],
    ["a custom emoji", "<a:x:1> :tada:", "<a:x:1> :tada:"],
    ["emphasis", "*a* __b__ ~~c~~ ||d|| `e` _f_", "*a* __b__ ~~c~~ ||d|| `e` _f_"],
    ["an escape", "\\*a\\*", "\\*a\\*"],
    ["a line break", "one\r\n\n two", "one ⏎ two"],
    ["a right-to-left override", "exe.\u202efdp", "exe.⟨U+202E⟩fdp"],
    ["nothing visible", "a\u200b\u3164\u2800b", "a⟨U+200B⟩⟨U+3164⟩⟨U+2800⟩b"],
    ["a control character", "a\u001b[31mb", "a⟨U+001B⟩[31mb"],
    ["half a surrogate pair", "a\ud83d", "a⟨U+D83D⟩"],
  ])("shows %s as text", ([, text = "", seen]) => {
    expect(read(escapeLine(text))).toBe(seen);
  });

  test("lets nobody be pinged, even where a body forgot allowed_mentions", () => {
    expect(escapeLine("@everyone @here <@1>")).not.toMatch(/@everyone|@here|<@/);
  });

  test("leaves nothing for Discord's parser", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const markup = escapeLine(text);
        expect(live(markup)).not.toMatch(/[*~|`[\]<\\]/);
        expect(live(markup)).not.toMatch(/^(\s*)([>#+-]|\d+[.)](\s|$))/);
        expect(live(markup)).not.toMatch(/(?<![a-z0-9])_|_(?![a-z0-9])/i);
        expect(read(markup)).not.toMatch(/https?:\/\/|discord\.gg|@everyone|@here/i);
        expect(markup).not.toMatch(/[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff\u3164]/u);
      }),
      { numRuns: 2_000 },
    );
  });

  test("takes time in proportion to the length", () => {
    for (const unit of ["_a", "<a:", ":a", "[](", "aa", " \n", "@", "h://"]) {
      const startedAt = performance.now();
      escapeLine(unit.repeat(100_000 / unit.length));
      expect(performance.now() - startedAt, unit).toBeLessThan(4_000);
    }
  });
});

describe("escapeForCodeBlock", () => {
  test("keeps lines and indentation", () => {
    expect(escapeForCodeBlock("a\r\n\tb\n*c*")).toBe("a\n    b\n*c*");
  });

  test("drops terminal colours, and only those", () => {
    expect(escapeForCodeBlock("\u001b[1;31mred\u001b[0m \u001b]0;title")).toBe("red ⟨U+001B⟩]0;title");
  });

  test("never closes the block, starts a link or hides a character", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const block = escapeForCodeBlock(text);
        expect(block).not.toMatch(/```|https?:\/\//i);
        expect(block.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202a-\u202e\ufeff]/u);
      }),
    );
  });
});
