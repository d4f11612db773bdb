import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  renderMissing,
  renderProgress,
  renderReady,
  renderReport,
  renderTranscript,
} from "../../../worker/discord/render.ts";
import type { Report } from "../../../worker/report.ts";
import { checkMessage } from "../../sandbox/discord/payload.ts";

const context = { jobId: "ix-1100000000000123456", durationMs: 12_345 };
const clean: Report = {
  outcome: "Done",
  title: "No evidence: adele@contoso.com",
  tone: "good",
  lead: "Nothing points to a compromise.",
  sections: [{ heading: "Checks", lines: ["inbox rules: 3", "sign-ins: 120"] }],
  files: [],
  buttons: [],
};
const zip = { name: "case.zip", path: "/nowhere", description: "Evidence" };
const embedOf = (report: Report) => renderReport(report, context).embeds?.[0];
const repeat = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

describe("renderReport", () => {
  test("is one embed with the report in its words", () => {
    expect(renderReport(clean, context)).toEqual({
      embeds: [
        {
          title: "No evidence: adele@contoso.com",
          description: "Nothing points to a compromise.",
          color: 0x1e8e3e,
          fields: [{ name: "Checks", value: "inbox rules: 3\nsign-ins: 120" }],
          footer: { text: "Done · 12.3 s · 123456" },
        },
      ],
      components: [],
      allowed_mentions: { parse: [] },
    });
  });

  test.for(["Done", "Failed", "Stopped", "Interrupted", "Expired"] as const)(
    "says in its footer: %s",
    (outcome) => {
      expect(embedOf({ ...clean, outcome })?.footer?.text).toMatch(
        new RegExp(`^${outcome} · \\d+\\.\\d s · \\d{6}$`),
      );
    },
  );

  test("labels its buttons", () => {
    const buttons: Report["buttons"] = [
      { action: "run-again", caseId: "ix-1" },
      { action: "show-result", caseId: "ix-1" },
    ];
    expect(renderReport({ ...clean, buttons }, context).components?.[0]?.components).toMatchObject([
      { label: "Run again", custom_id: "v1:run-again:ix-1" },
      { label: "Show result", custom_id: "v1:show-result:ix-1" },
    ]);
  });

  test("offers its choices in a menu of their own row, as they are and cut to what Discord takes", () => {
    const options = [
      { label: "High: [x](https://evil.example) *bold*", description: `"${"y".repeat(4_000)}"`, value: "f1" },
      { label: "\u202e\0\n", description: "", value: "f2" },
      { label: " ", description: "😀".repeat(80), value: "f3" },
    ];
    const choices = { action: "finding", caseId: "ix-1", prompt: "Open a finding", options } as const;
    const buttons: Report["buttons"] = [{ action: "show-evidence", caseId: "ix-1" }];
    const body = renderReport({ ...clean, buttons, choices: { ...choices, options } }, context);
    expect(checkMessage("webhook-edit", body, 0)).toEqual([]);
    expect(body.components?.[1]).toMatchObject({
      components: [
        {
          custom_id: "v1:finding:ix-1",
          placeholder: "Open a finding",
          options: [
            {
              label: "High: [x](https://evil.example) *bold*",
              description: expect.stringMatching(/^"y{98}…$/),
            },
            { label: "⟨U+202E⟩⟨U+0000⟩", value: "f2" },
            { label: "Without a name", description: expect.not.stringMatching(/[\ud800-\udbff]…/) },
          ],
        },
      ],
    });
  });

  test("counts the lines that don't fit", () => {
    const sections = [{ heading: "Findings", lines: repeat(100, (index) => `finding number ${index}`) }];
    const value = embedOf({ ...clean, sections })?.fields?.[0]?.value ?? "";
    const shown = value.split("\n").length - 1;
    expect(value).toContain(`\nand ${100 - shown} more`);
    expect(embedOf({ ...clean, sections, files: [zip] })?.fields?.[0]?.value).toMatch(
      /\nand \d+ more, see the zip$/,
    );
  });

  test("counts the characters that don't fit, and leaves room for the other lines", () => {
    const sections = [{ heading: "Rules", lines: ["x".repeat(4_000), "second"] }];
    const value = embedOf({ ...clean, sections })?.fields?.[0]?.value ?? "";
    const [first = "", second] = value.split("\n");
    const [, shown = "", left] = /^(x+)… \(([\d,]+) more characters\)$/.exec(first) ?? [];
    expect(shown.length + Number(left?.replace(",", ""))).toBe(4_000);
    expect(second).toBe("second");
  });

  test("counts the sections that don't fit, and shows something of every other", () => {
    const sections = repeat(40, (index) => ({
      heading: `Section ${index}`,
      lines: repeat(50, (line) => `line ${line}`),
    }));
    const fields = embedOf({ ...clean, sections })?.fields ?? [];
    expect(fields).toHaveLength(25);
    expect(fields.at(-1)?.name).toBe("And 16 more sections");
    for (const { value } of fields.slice(0, 24)) expect(value).toMatch(/^line 0\n/);
  });

  test("has words where a report has none", () => {
    const empty: Report = { ...clean, title: " ", lead: "", sections: [{ heading: "", lines: ["", " "] }] };
    expect(checkMessage("webhook-edit", renderReport(empty, context), 0)).toEqual([]);
  });

  test("shows a rule that was named to deceive as text", () => {
    const sections = [{ heading: "Rules", lines: ["@everyone [click](https://evil.example)"] }];
    const text = JSON.stringify(renderReport({ ...clean, sections }, context));
    expect(text).not.toMatch(/@everyone|https?:|[^\\]\[click/);
  });

  const someText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom("*", "😀", "\u202e", "a", "\n", "@everyone", "https://x.y/", "_"),
      maxLength: 3_000,
    }),
    fc.integer({ min: 1, max: 6_000 }).map((length) => "[".repeat(length)),
  );
  const someReport = fc.record({
    outcome: fc.constantFrom("Done", "Failed", "Stopped", "Interrupted", "Expired"),
    title: someText,
    tone: fc.constantFrom("critical", "warning", "good", "neutral"),
    lead: someText,
    sections: fc.array(fc.record({ heading: someText, lines: fc.array(someText, { maxLength: 15 }) }), {
      maxLength: 40,
    }),
    files: fc.constantFrom([], [zip]),
    buttons: fc.constant([]),
  }) satisfies fc.Arbitrary<Report>;

  test("always fits, and never cuts a character or an escape in two", () => {
    fc.assert(
      fc.property(someReport, (report) => {
        const body = renderReport(report, context);
        expect(checkMessage("webhook-edit", body, 0)).toEqual([]);
        const [embed] = body.embeds ?? [];
        const texts = [
          embed?.title,
          embed?.description,
          ...(embed?.fields ?? []).flatMap(({ name, value }) => [name, value]),
        ];
        for (const line of texts.flatMap((text = "") => text.split("\n"))) {
          expect(line).not.toMatch(/\p{Cs}/u);
          expect(line.replace(/\\[^0-9A-Za-z\s]/g, "")).not.toContain("\\");
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("renderProgress", () => {
  const progress = {
    title: "Checking adele@contoso.com",
    steps: [
      { label: "Inbox rules", state: "ok", detail: "12 records", durationMs: 1_234 },
      { label: "Sign-ins", state: "running" },
      { label: "Licences", state: "skipped", detail: "no Entra ID P1 licence" },
    ],
  } satisfies Parameters<typeof renderProgress>[0];

  test("has a line per step and a Stop button", () => {
    const body = renderProgress(progress, context);
    expect(body.embeds?.[0]?.description).toBe(
      "✅ Inbox rules: 12 records · 1.2 s\n⏳ Sign-ins\n➖ Licences: no Entra ID P1 licence",
    );
    expect(body.components?.[0]?.components).toMatchObject([
      { label: "Stop", custom_id: "v1:stop:ix-1100000000000123456" },
    ]);
  });

  test("has room for every check of an account, each with a reason", () => {
    const reason =
      "the tenant has no Entra ID P1 licence, so Microsoft gives no log of sign-ins to anybody".repeat(2);
    const steps = repeat(13, (index) => ({
      label: `Check ${index}`,
      state: "failed" as const,
      detail: reason,
      durationMs: 12_345,
    }));
    const body = renderProgress({ title: "Checking", steps }, context);
    expect(checkMessage("webhook-edit", body, 0)).toEqual([]);
    expect(body.embeds?.[0]?.description?.split("\n")).toHaveLength(13);
  });

  test("cannot be taken for an ending", () => {
    const steps = repeat(300, () => ({ label: "-# Done · 1.0 s · 123456", state: "ok" }) as const);
    const body = renderProgress({ title: "-# Done · 1.0 s · 123456", steps }, context);
    expect(body.embeds?.[0]?.footer).toBeUndefined();
    expect(JSON.stringify(body)).not.toMatch(/(^|\n|")(-# )?Done/);
    expect(checkMessage("webhook-edit", body, 0)).toEqual([]);
  });
});

describe("renderTranscript", () => {
  test("is code blocks that fit, without previews or pings", () => {
    const bodies = renderTranscript(
      `\`\`\`@everyone https://evil.example\n${"line of output\n".repeat(500)}`,
    );
    expect(bodies.length).toBeGreaterThan(3);
    for (const body of bodies) {
      expect(checkMessage("webhook-post", body, 0)).toEqual([]);
      expect(body.content).toMatch(/^```\n[\s\S]*\n```$/);
    }
  });

  test("of 100 MB is its beginning and its end, and counts the rest", () => {
    const bodies = renderTranscript(`first${"x".repeat(100_000_000)}last`);
    expect(bodies.length).toBeLessThan(15);
    expect(bodies[0]?.content).toMatch(/^```\nfirst/);
    expect(bodies.at(-1)?.content).toMatch(/last\n```$/);
    expect(bodies.map(({ content }) => content)).toContain("… 99,982,009 characters are left out here …");
  });

  test("is nothing for an empty output", () => {
    expect(renderTranscript(" \n")).toEqual([]);
  });
});

test("what is missing is named with its size and what to do", () => {
  const missing = { name: "case.zip", reason: "too-large", sizeBytes: 12 * 1024 * 1024 } as const;
  const body = renderMissing([missing], { jobId: "ix-1", attachmentLimitBytes: 10 * 1024 * 1024 });
  expect(body.content).toMatch(/case\.zip \(12\.0 MB\) is missing: .* 10\.0 MB/);
  expect(checkMessage("webhook-post", body, 0)).toEqual([]);
});

test("what is announced in a channel says nothing but whom it is for", () => {
  const body = renderReady("ix-1", "1100000000000000006");
  expect(body.allowed_mentions).toEqual({ parse: [], users: ["1100000000000000006"] });
  expect(body.content).toBe(
    '<@1100000000000000006> Your result is ready. Press "Show result" to see it; only you will.',
  );
  expect(checkMessage("channel-post", body, 0)).toEqual([]);
});
