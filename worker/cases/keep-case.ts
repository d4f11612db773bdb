import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FindingsDocument } from "../findings/findings.ts";
import type { ReportFile } from "../report.ts";
import type { Artifact } from "../toolkit/toolkit.ts";
import { createCaseZip } from "./case-zip.ts";

interface KeepCaseOptions {
  caseId: string;
  caseFolder: string;
  artifacts: readonly Artifact[];
  /** Of the zip. */
  maxBytes: number;
}

/** Writes `findings.json` into the case's folder and packs the case for its requester, the most telling first. */
export async function keepCase(
  document: FindingsDocument,
  { caseId, caseFolder, artifacts, maxBytes }: KeepCaseOptions,
): Promise<ReportFile> {
  const findingsPath = join(caseFolder, "findings.json");
  await writeFile(findingsPath, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  const { path } = await createCaseZip({
    caseFolder,
    files: [
      { name: "findings.json", path: findingsPath },
      { name: "manifest.json", path: join(caseFolder, "manifest.json") },
      ...artifacts.map(({ name, path }) => ({ name: `artifacts/${name}`, path })),
    ],
    maxBytes,
  });
  return {
    name: `case-${caseId}.zip`,
    path,
    description: "Findings, raw artifacts and a manifest with their hashes",
  };
}
