import { readFile, stat } from "node:fs/promises";
import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Report, ReportFile } from "../report.ts";
import type { Failure } from "./api.ts";
import { type Missing, renderFile, renderMissing, renderReady, renderTranscript } from "./render.ts";
import type { Routes } from "./routes.ts";

interface ExtrasOptions {
  routes: Routes;
  interaction: Origin;
  jobId: string;
  log: Log;
}

/** Sends what is for the requester alone, whatever the visibility of the report, and tells what did not arrive. */
export async function deliverExtras(report: Report, options: ExtrasOptions): Promise<Missing[]> {
  const { routes, interaction, jobId } = options;
  const missing: Missing[] = [];
  for (const [index, file] of report.files.entries()) {
    missing.push(...(await deliverFile(file, `f${index}`, options)));
  }
  missing.push(...(await deliverTranscript(report, routes)));
  if (missing.length === 0) return [];

  const { attachmentLimitBytes, userId } = interaction;
  const told = await routes.privately("m", renderMissing(missing, { jobId, attachmentLimitBytes }));
  if (told.kind !== "sent") await routes.post("a", renderReady(jobId, userId));
  return missing;
}

/** A message for each file, so that one which is too large doesn't take the others with it. */
async function deliverFile(file: ReportFile, part: string, options: ExtrasOptions): Promise<Missing[]> {
  const { name, smaller } = file;
  const missing = await upload(file, part, options);
  if (missing?.reason !== "too-large" || smaller === undefined) return missing ? [missing] : [];
  // Discord takes less than it announces now and then, so the limit that was packed for may be wrong.
  const alsoMissing = await upload({ name, ...smaller }, part, options);
  return alsoMissing ? [missing] : [];
}

async function upload(
  { name, path, description }: Omit<ReportFile, "smaller">,
  part: string,
  { routes, interaction, log }: ExtrasOptions,
): Promise<Missing | undefined> {
  let sizeBytes: number;
  let bytes: Uint8Array;
  try {
    sizeBytes = (await stat(path)).size;
    if (sizeBytes > interaction.attachmentLimitBytes) return { name, sizeBytes, reason: "too-large" };
    bytes = await readFile(path);
  } catch (error) {
    log.error({ file: name, reason: String(error) }, "a report's file cannot be read");
    return { name, reason: "unreadable" };
  }
  const attempt = await routes.privately(part, renderFile({ description }), [{ name, description, bytes }]);
  return attempt.kind === "sent" ? undefined : { name, sizeBytes, reason: reasonOf(attempt) };
}

async function deliverTranscript({ transcript = "" }: Report, routes: Routes): Promise<Missing[]> {
  for (const [index, message] of renderTranscript(transcript).entries()) {
    const attempt = await routes.privately(`t${index}`, message);
    // What comes after a gap would be misread as what comes next.
    if (attempt.kind !== "sent") return [{ name: "the full text", reason: reasonOf(attempt) }];
  }
  return [];
}

export function reasonOf(failure: Failure): Missing["reason"] {
  if (failure.kind === "too-large") return "too-large";
  return failure.kind === "unreachable" && failure.perhapsDone ? "unconfirmed" : "not-accepted";
}
