import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { drawTimeline } from "../../../worker/cases/draw-timeline.ts";
import { renderReportHtml } from "../../../worker/cases/report-html.ts";
import type { FindingsDocument, Timeline } from "../../../worker/findings/findings.ts";
import { chromiumMissing, useChromium } from "../../chromium.ts";
import { documentWith, hidesMail } from "../findings/documents.ts";

const timelineWith = (label: string): Timeline => ({
  start: "2026-11-15T12:00:00.000Z",
  end: "2026-11-22T12:00:00.000Z",
  events: [
    { at: "2026-11-20T08:15:00.000Z", lane: "sign_ins", severity: "critical", label },
    { at: "2026-11-20T08:20:00.000Z", lane: "app_consents", severity: "info", label },
  ],
  omitted: 0,
});

/** A document in which whatever comes from a tenant, or might, is this text. */
function documentOf(text: string): FindingsDocument {
  const evidence = [{ artifact: text, path: text, fields: { [text]: text, list: [text, { [text]: text }] } }];
  const compared = [{ id: text, severity: "high" as const, title: text }];
  const { run, coverage } = documentWith("confirmed");
  return documentWith("confirmed", {
    run: {
      ...run,
      target: text,
      tenant: { ...run.tenant, domain: text },
      toolkit: { name: text, version: text },
      requested_by: text,
      artifacts_sha256: { [text]: "0".repeat(64) },
    },
    coverage: coverage.map((line) => ({ ...line, status: "error", reason: text, how_to_fix: text })),
    findings: [
      {
        ...hidesMail,
        title: text,
        why: text,
        evidence,
        recommendation: { action: "x", text, reversible: true },
        links: ["javascript:alert(1)", "https://attack.mitre.org/techniques/T1564/008/"],
      },
    ],
    verdict: { level: "confirmed", confidence: "high", score: 10, because: [], blind_spots: [text] },
    unrecognised: [{ artifact: text, size_bytes: 1, reason: text }],
    timeline: timelineWith(text),
    comparison: {
      case: text,
      finished: "2026-11-20T08:00:00Z",
      verdict: "likely",
      new: compared,
      gone: compared,
      not_comparable: compared,
    },
  });
}

function pageOf(document: FindingsDocument): Promise<string> {
  const { timeline } = document;
  return renderReportHtml(document, timeline && drawTimeline(timeline));
}

const hostile: [title: string, text: string, shown: string][] = [
  ["a script", "<script>window.hit=1</script>", "<script>window.hit=1</script>"],
  ["an image", '"><img src=x onerror="window.hit=1">', '"><img src=x onerror="window.hit=1">'],
  ["an attribute", `' onmouseover='window.hit=1' autofocus onfocus='window.hit=1`, "onmouseover="],
  ["the end of the style sheet", "</style><script>window.hit=1</script>", "</style>"],
  ["the end of the title", "</title></head><body onload=window.hit=1>", "</title>"],
  ["an SVG", "<svg onload=window.hit=1><style>*{display:none}</style></svg>", "<svg onload"],
  ["a frame", "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>", "<iframe"],
  ["a form", "<form action=https://evil.example><input name=a></form>", "<form"],
  ["another policy", "<meta http-equiv=refresh content='0;url=https://evil.example'>", "<meta"],
  ["a base", "<base href=https://evil.example/>", "<base"],
  ["a comment", "<!--", "<!--"],
  ["an entity", "&lt;script&gt;&#60;b&#62;", "&lt;script&gt;&#60;b&#62;"],
  ["a template", "$&{window.hit=1} {{hit}} $$ $&", "$&{window.hit=1} {{hit}} $$ $&"],
  ["text from right to left", "\u202egnp.exe\u2066", "⟨U+202E⟩gnp.exe⟨U+2066⟩"],
  ["null bytes", "a\0b\u0000", "a⟨U+0000⟩b⟨U+0000⟩"],
  ["line breaks", "first\r\nsecond\u2028third", "first ⏎ second ⏎ third"],
  ["4,000 characters in one word", "x".repeat(4_000), "x".repeat(300)],
  ["half a character", "\ud83d and more", "⟨U+D83D⟩ and more"],
  ["an address", "https://evil.example/login", "https://evil.example/login"],
];

test("the page has the verdict, what to do, the findings and the times in UTC", async () => {
  const document = documentWith("likely", { findings: [hidesMail], timeline: timelineWith("From Lagos") });
  const page = await pageOf(document);
  expect(page).toMatch(/<h1>Likely: <bdi>adele@contoso\.com<\/bdi><\/h1>/);
  expect(page).toContain("Block sign-in now");
  expect(page).toContain("Switch the inbox rule off.");
  expect(page).toContain("2026-11-22 11:59 UTC to 2026-11-22 12:00 UTC");
  expect(page).toContain("2026-11-20 08:15 UTC");
  expect(page).toMatch(/role="img" aria-label="Timeline from 2026-11-15 12:00 UTC/);
});

test("the page has no script, loads nothing, and its policy allows neither", async () => {
  const page = await pageOf(documentWith("likely", { findings: [hidesMail], timeline: timelineWith("x") }));
  expect(page).not.toMatch(/<(script|img|iframe|object|embed|link|form|base)\b| on\w+=| src=/i);
  expect(page).toMatch(/content="default-src &#39;none&#39;; style-src &#39;unsafe-hashes&#39; &#39;sha256-/);
  expect(page).not.toMatch(/unsafe-inline|unsafe-eval/);
});

test("only addresses of https are links, whoever made them", async () => {
  const page = await pageOf(documentOf("x"));
  expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    "https://attack.mitre.org/techniques/T1564/008/",
  ]);
});

test("a page without a timeline is a page", async () => {
  expect(await renderReportHtml(documentWith("no_evidence"), undefined)).not.toContain("<figure>");
});

describe.skipIf(chromiumMissing)("in a browser", () => {
  const browser = useChromium();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "report-html-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Opens the page as somebody does who unpacked the zip, and collects everything that it tries. */
  async function open(html: string) {
    const path = join(folder, "report.html");
    await writeFile(path, html);
    const page = await browser().newPage();
    const tried: string[] = [];
    page.on("request", (request) => void tried.push(`request ${request.url()}`));
    page.on("console", (message) => void tried.push(`console ${message.text()}`));
    page.on("pageerror", (error) => void tried.push(`error ${error.message}`));
    page.on("dialog", (dialog) => {
      tried.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    const url = pathToFileURL(path).href;
    await page.goto(url, { waitUntil: "load" });
    // A pointer over everything and a key, for handlers that wait for one.
    await page.mouse.move(200, 200);
    await page.keyboard.press("Tab");
    return { page, tried: tried.filter((each) => each !== `request ${url}`) };
  }

  const foreignElements =
    "script, img, iframe, object, embed, link, form, input, base, meta[http-equiv=refresh]";

  test.for(hostile)(
    "%s runs nothing, loads nothing, and is text that can be read",
    async ([, text, shown]) => {
      const { page, tried } = await open(await pageOf(documentOf(text)));
      expect(tried).toEqual([]);
      expect(await page.evaluate("window.hit")).toBeUndefined();
      expect(await page.locator(foreignElements).count()).toBe(0);
      expect(await page.locator("article.critical").first().textContent()).toContain(shown);
      expect(await page.locator("h1").textContent()).toContain(shown);
      // Nothing runs out of the page either.
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      await page.close();
    },
  );

  test.for(hostile)("%s would run nothing without the policy as well", async ([, text]) => {
    const html = (await pageOf(documentOf(text))).replace(
      /<meta http-equiv="Content-Security-Policy"[^>]*>/,
      "",
    );
    const { page, tried } = await open(html);
    expect([tried, await page.evaluate("window.hit")]).toEqual([[], undefined]);
    await page.close();
  });

  test("the policy stops a script that would stand in the page", async () => {
    const html = (await pageOf(documentOf("x"))).replace("</body>", "<script>window.hit=1</script></body>");
    const { page, tried } = await open(html);
    expect(await page.evaluate("window.hit")).toBeUndefined();
    expect(tried.join()).toContain("Content Security Policy");
    await page.close();
  });

  test("the timeline is drawn in its own font sizes, which the policy lets through", async () => {
    const { page, tried } = await open(await pageOf(documentOf("x")));
    expect(tried).toEqual([]);
    const size = "getComputedStyle(document.querySelector('figure svg text')).fontSize";
    expect(await page.evaluate(size)).toBe("13px");
    await page.close();
  });

  test("it prints on pages of paper, in colour where colour has a meaning", async () => {
    const findings = Array.from({ length: 40 }, (_, index) => ({ ...hidesMail, id: `f${index}` }));
    const { page } = await open(await pageOf({ ...documentOf("x"), findings }));
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate("getComputedStyle(document.body).maxWidth")).toBe("none");
    expect(await page.evaluate("getComputedStyle(document.querySelector('article')).printColorAdjust")).toBe(
      "exact",
    );
    const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? [];
    expect(pages.length).toBeGreaterThan(3);
    expect(pages.length).toBeLessThan(30);
    await page.close();
  });
});
