import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { evidenceFields, evidencePlace } from "../findings/evidence-line.ts";
import { bySeverity } from "../findings/finding.ts";
import {
  type Comparison,
  type Coverage,
  checkTitles,
  type Finding,
  type FindingsDocument,
  type Timeline,
} from "../findings/findings.ts";
import { leadOf, stepsOf } from "../findings/report.ts";
import { laneTitles } from "../findings/timeline.ts";
import { severityWords, subjectOf, utcMinute, verdictWords } from "../findings/words.ts";
import { plainLine } from "../plain-line.ts";
import { describeTimeline } from "./draw-timeline.ts";

type Html = ReturnType<typeof html>;

/**
 * The case as one page that opens offline, prints, and runs nothing: no script, no request, and a policy that would not
 * let one pass. Every string is escaped by the template; what others wrote also stands apart from the direction of the
 * text around it.
 * @param timelineSvg - Our own words alone; `undefined` if it could not be drawn or there is nothing to draw.
 */
export async function renderReportHtml(
  document: FindingsDocument,
  timelineSvg: string | undefined,
): Promise<string> {
  const { run, verdict, findings, coverage, comparison, timeline, unrecognised } = document;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(timelineSvg)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${verdictWords[verdict.level]}: ${plainLine(subjectOf(run))}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header class="${verdict.level}">
<h1>${verdictWords[verdict.level]}: ${theirs(subjectOf(run))}</h1>
<p class="lead">${theirs(leadOf(document))}</p>
<p>Confidence: <strong>${verdict.confidence}</strong>. All times are UTC.</p>
</header>
<dl class="facts">
${fact("Tenant", html`${theirs(run.tenant.domain ?? "")} ${run.tenant.id}`)}
${fact("Checked", html`${utcMinute(run.started)} to ${utcMinute(run.finished)}, the last ${run.window_days} days`)}
${fact("Asked for by", theirs(run.requested_by))}
${fact("Toolkit", html`${theirs(run.toolkit.name)} ${theirs(run.toolkit.version.slice(0, 12))}`)}
${fact("Case", theirs(run.id))}
</dl>
${section("What to do", stepsOf(document).map(theirs), "ol")}
${comparison === undefined ? "" : comparisonPart(comparison)}
${timeline === undefined || timelineSvg === undefined ? "" : timelinePart(timeline, timelineSvg)}
<section>
<h2>Findings (${findings.length})</h2>
${findings.length === 0 ? html`<p>None.</p>` : [...findings].sort(bySeverity).map(findingPart)}
</section>
${coveragePart(coverage)}
${section("Blind spots", verdict.blind_spots.map(theirs), "ul")}
${section(
  "Not recognised",
  unrecognised.map(({ artifact, reason }) => html`${theirs(artifact)}: ${theirs(reason)}`),
  "ul",
)}
${artifactsPart(run.artifacts_sha256)}
</body>
</html>
`;
  return String(await page);
}

/** What others wrote, or may have: an attacker names inbox rules and apps. */
function theirs(text: string): Html {
  return html`<bdi>${plainLine(text)}</bdi>`;
}

function fact(name: string, value: Html | string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function section(heading: string, items: readonly Html[], list: "ol" | "ul"): Html | string {
  if (items.length === 0) return "";
  const lines = items.map((item) => html`<li>${item}</li>`);
  return html`<section><h2>${heading}</h2>${list === "ol" ? html`<ol>${lines}</ol>` : html`<ul>${lines}</ul>`}</section>`;
}

function comparisonPart({
  finished,
  verdict,
  case: caseId,
  new: appeared,
  gone,
  not_comparable: open,
}: Comparison) {
  const items = [
    ...appeared.map(({ severity, title }) => html`<strong>New</strong>, ${severity}: ${theirs(title)}`),
    ...gone.map(({ severity, title }) => html`<strong>Gone</strong>, ${severity}: ${theirs(title)}`),
    ...open.map(
      ({ severity, title }) =>
        html`Not to be compared, ${severity}: ${theirs(title)} (its check was not whole in one of the two)`,
    ),
  ];
  return html`<section>
<h2>Since ${utcMinute(finished)}: ${appeared.length} new, ${gone.length} gone</h2>
<p>Compared with case ${theirs(caseId)}, whose verdict was "${verdictWords[verdict]}".</p>
<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>
</section>`;
}

function timelinePart(timeline: Timeline, svg: string): Html {
  const grave = timeline.events.filter(({ severity }) => severity !== "info");
  return html`<section>
<h2>Timeline</h2>
<figure><div role="img" aria-label="${describeTimeline(timeline)}">${raw(svg)}</div>
<figcaption>${describeTimeline(timeline)} Every event stands in findings.json.</figcaption></figure>
${
  grave.length === 0
    ? ""
    : table(
        ["Time", "What", "Severity", "Details"],
        grave.map(({ at, lane, severity, label }) => [
          utcMinute(at),
          laneTitles[lane],
          severityWords[severity],
          theirs(label),
        ]),
      )
}
</section>`;
}

function findingPart(finding: Finding): Html {
  const { severity, title, why, confidence, first_seen: firstSeen, in_window: inWindow } = finding;
  const { check, attack, recommendation, links, evidence, id } = finding;
  return html`<article class="${severity}">
<h3><span class="severity">${severityWords[severity]}</span> ${theirs(title)}</h3>
<p>${theirs(why)}</p>
<p class="do"><strong>Do:</strong> ${theirs(recommendation.text)}</p>
<p class="small">${checkTitles[check]} · confidence: ${confidence}${
    firstSeen === null ? "" : html` · first seen ${utcMinute(firstSeen)}`
  }${inWindow ? "" : " · before the time that was asked about"}${
    attack.length === 0 ? "" : html` · ATT&amp;CK ${attack.join(", ")}`
  } · id ${id.slice(0, 12)}</p>
${evidence.length === 0 ? "" : table(["Artifact", "Fields"], evidence.map(evidenceCells))}
${links.filter(isSafe).map((link) => html`<p class="small"><a href="${link}" rel="noreferrer noopener">${link}</a></p>`)}
</article>`;
}

function evidenceCells(evidence: Finding["evidence"][number]): Html[] {
  const fields = evidenceFields(evidence, 400).map(
    ({ name, value }) =>
      html`<span class="field"><span class="small">${plainLine(name)}</span> ${theirs(value)}</span> `,
  );
  return [theirs(evidencePlace(evidence)), html`${fields}`];
}

/** A rule's own reference; anything but https has no business here. */
function isSafe(link: string): boolean {
  return link.startsWith("https://");
}

function coveragePart(coverage: readonly Coverage[]): Html {
  const rows = coverage.map(({ check, status, records, truncated, reason, how_to_fix: cure }) => [
    checkTitles[check],
    status === "ok" ? (truncated ? "not complete" : "done") : status.replaceAll("_", " "),
    String(records),
    theirs([reason, cure].filter(Boolean).join(" ")),
  ]);
  return html`<section><h2>What was checked</h2>${table(["Check", "State", "Records", "What to know"], rows)}</section>`;
}

function artifactsPart(hashes: Record<string, string>): Html | string {
  const rows = Object.entries(hashes).map(([name, sha256]) => [theirs(name), html`<code>${sha256}</code>`]);
  if (rows.length === 0) return "";
  return html`<section><h2>Artifacts</h2>${table(["Name", "SHA-256"], rows)}</section>`;
}

function table(heads: readonly string[], rows: readonly (Html | string)[][]): Html {
  return html`<table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table>`;
}

/**
 * Nothing but the style sheet below and the font attributes that the timeline is drawn with, each by its hash.
 * @see https://www.w3.org/TR/CSP3/#unsafe-hashes-usage
 */
function policyFor(svg = ""): string {
  const attributes = new Set([...svg.matchAll(/ style="([^"]*)"/g)].map(([, style = ""]) => style));
  const hashes = [STYLE, ...attributes].map(
    (style) => `'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  );
  return [
    "default-src 'none'",
    `style-src 'unsafe-hashes' ${hashes.join(" ")}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Segoe UI", sans-serif; color: #1f2933; background: #fff; max-width: 60rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: anywhere; }
header { border-left: .5rem solid #5865f2; padding: .25rem 1rem; background: #f5f7fa; }
header.confirmed, header.likely { border-color: #b3261e; }
header.suspicious { border-color: #d9660a; }
header.no_evidence { border-color: #1e8e3e; }
h1 { font-size: 1.6rem; margin: .5rem 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #cbd2d9; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
.lead { font-size: 1.1rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: .25rem 1rem; }
.facts div { display: flex; gap: .5rem; }
dt { color: #52606d; flex: none; }
dd { margin: 0; }
article { border: 1px solid #cbd2d9; border-left: .35rem solid #9aa5b1; padding: .75rem 1rem; margin: .75rem 0; break-inside: avoid-page; }
article.critical { border-left-color: #b3261e; }
article.high { border-left-color: #d9660a; }
article.medium { border-left-color: #b58900; }
article p { margin: .25rem 0; }
.severity { text-transform: uppercase; font-size: .8rem; letter-spacing: .04em; }
.small { color: #52606d; font-size: .85rem; }
.field { display: inline-block; margin-right: .9rem; }
td:first-child { width: 11rem; }
figure { margin: 0; }
figure svg { width: 100%; height: auto; }
figcaption { color: #52606d; font-size: .85rem; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #e4e7eb; padding: .25rem .5rem .25rem 0; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
code { font-size: .8rem; }
@page { margin: 15mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  header, article { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2 { break-after: avoid; }
}
`;
