import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { bySeverity } from "../findings/finding.ts";
import type { FindingsDocument } from "../findings/findings.ts";
import type { Picture, ReportFile } from "../report.ts";
import type { Artifact } from "../toolkit/toolkit.ts";
import { createCaseZip } from "./case-zip.ts";
import { DOCUMENT_NAME } from "./cases.ts";
import { describeTimeline, drawTimeline } from "./draw-timeline.ts";
import { renderPng } from "./render-png.ts";
import { renderReportHtml } from "./report-html.ts";

interface KeepCaseOptions {
  caseId: string;
  caseFolder: string;
  artifacts: readonly Artifact[];
  /** Of the zip. */
  maxBytes: number;
  log: Log;
}

interface KeptCase {
  caseFile: ReportFile;
  /** Missing if nothing in the evidence has a time, or if it could not be drawn, which is logged. */
  picture?: Picture;
}

/**
 * Writes what a case is known by into its folder, and packs it for its requester, the most telling first: the report,
 * the findings, the artifacts that findings rest on, the other artifacts. A second zip without artifacts is for where
 * Discord takes less than it announced.
 */
export async function keepCase(
  document: FindingsDocument,
  { caseId, caseFolder, artifacts, maxBytes, log }: KeepCaseOptions,
): Promise<KeptCase> {
  const timeline = await keepTimeline(document, { caseFolder, log });
  const documentPath = join(caseFolder, DOCUMENT_NAME);
  await writeWhole(documentPath, `${JSON.stringify(document, null, 2)}\n`);
  const htmlPath = join(caseFolder, "report.html");
  await writeWhole(htmlPath, await renderReportHtml(document, timeline?.svg));

  const core = [
    { name: "report.html", path: htmlPath },
    { name: DOCUMENT_NAME, path: documentPath },
    { name: "toolkit-run.json", path: join(caseFolder, "manifest.json") },
  ];
  const raw = byValue(artifacts, document).map(({ name, path }) => ({ name: `artifacts/${name}`, path }));
  const path = join(caseFolder, "case.zip");
  const { leftOut } = await createCaseZip({ caseId, path, files: [...core, ...raw], maxBytes });
  const smallerPath = join(caseFolder, "case-without-artifacts.zip");
  await createCaseZip({ caseId, path: smallerPath, files: core, maxBytes });

  return {
    caseFile: {
      name: `case-${caseId}.zip`,
      path,
      description: describeZip(leftOut.length),
      smaller: { path: smallerPath, description: WITHOUT_ARTIFACTS },
    },
    ...(timeline?.picture && { picture: timeline.picture }),
  };
}
const WITHOUT_ARTIFACTS =
  "Discord did not take the whole case file, so this one lacks the raw artifacts: the report (report.html), the findings, and a manifest with their hashes.";

function describeZip(leftOut: number): string {
  const whole =
    "The case file: the report (report.html), the findings, the raw artifacts, and a manifest with their hashes.";
  if (leftOut === 0) return whole;
  const files = leftOut === 1 ? "One file is" : `${leftOut} files are`;
  return `${whole} ${files} not in it for want of room; see left-out.txt.`;
}

/** The timeline as drawing and as picture. A report is worth more than its picture, so that this never fails. */
async function keepTimeline(
  { timeline }: FindingsDocument,
  { caseFolder, log }: { caseFolder: string; log: Log },
): Promise<{ svg: string; picture?: Picture } | undefined> {
  if (timeline === undefined || timeline.events.length === 0) return undefined;
  let svg: string | undefined;
  try {
    svg = drawTimeline(timeline);
    const path = join(caseFolder, "timeline.png");
    await writeWhole(path, await renderPng(svg));
    return { svg, picture: { path, alt: describeTimeline(timeline) } };
  } catch (thrown) {
    log.error({ err: coerceError(thrown) }, "timeline not drawn");
    return svg === undefined ? undefined : { svg };
  }
}

/** What the gravest findings rest on comes first, and of the rest the small ones. */
function byValue(artifacts: readonly Artifact[], { findings }: FindingsDocument): Artifact[] {
  const cited = [...findings]
    .sort(bySeverity)
    .flatMap(({ evidence }) => evidence.map(({ artifact }) => artifact));
  const places = new Map([...new Set(cited)].map((name, index) => [name, index]));
  const placeOf = ({ name }: Artifact) => places.get(name) ?? places.size;
  return [...artifacts].sort((a, b) => placeOf(a) - placeOf(b) || a.sizeBytes - b.sizeBytes);
}

async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}
