import { open } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { AppError } from "../../../src/errors.ts";
import { JobId } from "../../../src/jobs/contract.ts";
import type { Cases } from "../../cases/cases.ts";
import { findDocument, findFiles } from "../../handlers/kept-case.ts";
import { defineTool, type Tool } from "../tool.ts";
import { onRecord, type Scope } from "./scope.ts";

const caseId = JobId.describe("The id of a case, such as ix-1234");
/** More of a file than the model is shown anyway. */
const ARTIFACT_MAX_BYTES = 256 * 1024;

/** What a case holds, for whoever may see that case: the same rules as for its buttons. */
export function caseTools(scope: Scope, cases: Cases): Tool[] {
  async function documentOf(id: string) {
    const found = await findDocument(cases, id, scope.context);
    if (found.kind === "refused") throw new AppError("CASE_NOT_SHOWN", found.report.lead);
    return found.document;
  }

  const readFinding = defineTool({
    name: "read_finding",
    description:
      "Reads one finding of a kept case, with the evidence that it rests on and what to do about it. Without an id: the verdict, the list of all findings, and what was not seen.",
    input: z.object({ case_id: caseId, finding_id: z.string().max(100).optional() }),
    access: "tech",
    parallel: true,
    target: ({ case_id, finding_id }) => [case_id, finding_id].filter(Boolean).join(" "),
    run: (input, { signal }) => {
      const { case_id: id, finding_id: findingId } = input;
      const act = { name: "read_finding", target: { caseId: id }, args: input };
      return onRecord(scope, act, signal, async () => {
        const { verdict, findings, coverage } = await documentOf(id);
        if (findingId === undefined) {
          const list = findings.map(({ id, severity, title, why }) => ({ id, severity, title, why }));
          return {
            source: `case ${id}`,
            data: { verdict, findings: list, coverage },
            count: findings.length,
          };
        }
        const finding = findings.find((each) => each.id === findingId);
        if (finding === undefined) {
          const ids = findings.map((each) => each.id).join(", ");
          throw new AppError("FINDING_UNKNOWN", `That case has no such finding. It has: ${ids || "none"}.`);
        }
        return { source: `case ${id} finding ${findingId}`, data: finding };
      });
    },
  });

  const readArtifact = defineTool({
    name: "read_artifact",
    description:
      "Reads one raw artifact of a kept case (what Microsoft answered), for whoever asked for that check. Without a name: the list of artifacts. Read findings first; they say which artifact matters.",
    input: z.object({ case_id: caseId, name: z.string().max(200).optional() }),
    access: "tech",
    parallel: true,
    target: ({ case_id, name }) => [case_id, name].filter(Boolean).join(" "),
    run: (input, { signal }) => {
      const { case_id: id, name } = input;
      const act = { name: "read_artifact", target: { caseId: id }, args: input };
      return onRecord(scope, act, signal, async () => {
        const found = await findFiles(cases, id, scope.context);
        if (found.kind === "refused") throw new AppError("CASE_NOT_SHOWN", found.report.lead);
        // The only names there are: nothing of what the model says becomes part of a path.
        const { run } = await documentOf(id);
        const names = Object.keys(run.artifacts_sha256);
        if (name === undefined) return { source: `case ${id}`, data: names, count: names.length };
        const known = names.find((each) => each === name);
        if (known === undefined) {
          throw new AppError(
            "ARTIFACT_UNKNOWN",
            `That case has no such artifact. It has: ${names.join(", ")}.`,
          );
        }
        // Whoever joined a running check has their own case, and the artifacts lie in that of the check.
        const data = await readArtifactFile(join(cases.root, run.id, "artifacts", known));
        return { source: `case ${id} artifact ${known}`, data };
      });
    },
  });

  return [readFinding, readArtifact];
}

/** JSON as such, anything else and what is too long as text. */
async function readArtifactFile(path: string): Promise<unknown> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) throw new AppError("ARTIFACT_GONE", "That artifact is no longer kept here.");
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(ARTIFACT_MAX_BYTES), 0, ARTIFACT_MAX_BYTES, 0);
    const text = buffer.subarray(0, bytesRead).toString("utf8");
    return parseJson(text) ?? text;
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
