import { access } from "node:fs/promises";
import type { Cases } from "../cases/cases.ts";
import { notShown } from "../endings.ts";
import type { FindingsDocument } from "../findings/findings.ts";
import type { Report, ReportFile } from "../report.ts";
import type { HandlerContext } from "./handler.ts";

/** What is kept of an earlier case, or the report that says in words why it is not shown. */
type Kept<Content> = ({ kind: "kept" } & Content) | { kind: "refused"; report: Report };

/** Who looks, and what they may see. */
type Viewer = Pick<HandlerContext, "job" | "permission">;

/**
 * The report of an earlier case, for whoever may see it: everybody if it was public, else its requester; and nobody
 * whose role is limited to other tenants.
 */
export async function findReport(
  cases: Cases,
  caseId: string,
  viewer: Viewer,
): Promise<Kept<{ report: Report; requesterId: string }>> {
  const earlier = await cases.read(caseId);
  if (earlier?.report === undefined) return gone(cases);
  const { report, requesterId, ephemeral } = earlier;
  const isOwn = requesterId === viewer.job.interaction.userId;
  if (ephemeral && !isOwn) {
    return refused("That result is private to the person who asked for it. Run the check yourself.");
  }
  if (await isOutOfBounds(cases, caseId, { report, isOwn, viewer })) {
    return refused(OUT_OF_BOUNDS);
  }
  return { kind: "kept", report, requesterId };
}

const OUT_OF_BOUNDS = "Your role is limited to other tenants. /whoami says which they are.";

/** A report of somebody else's that does not say whose tenant it is about may be about any. */
async function isOutOfBounds(
  cases: Cases,
  caseId: string,
  { report, isOwn, viewer }: { report: Report; isOwn: boolean; viewer: Viewer },
): Promise<boolean> {
  const { tenantIds } = viewer.permission;
  if (tenantIds === undefined) return false;
  const document = await cases.readDocument(report.evidenceCaseId ?? caseId);
  return document === undefined ? !isOwn : !tenantIds.includes(document.run.tenant.id);
}

/** What an earlier case was judged by, for whoever may see its report. */
export async function findDocument(
  cases: Cases,
  caseId: string,
  viewer: Viewer,
): Promise<Kept<{ document: FindingsDocument }>> {
  const found = await findReport(cases, caseId, viewer);
  if (found.kind === "refused") return found;
  const document = await cases.readDocument(found.report.evidenceCaseId ?? caseId);
  return document === undefined ? gone(cases) : { kind: "kept", document };
}

/**
 * The case file of an earlier case. Artifacts hold more of a customer than a report does, so they go to whoever asked
 * for the check, whatever the visibility of the report; an administrator of the bot may have them too.
 */
export async function findFiles(
  cases: Cases,
  caseId: string,
  viewer: Viewer,
): Promise<Kept<{ files: ReportFile[] }>> {
  const earlier = await cases.read(caseId);
  if (earlier?.report === undefined) return gone(cases);
  const isOwn = earlier.requesterId === viewer.job.interaction.userId;
  if (!isOwn && viewer.permission.level !== "admin") {
    return refused(
      "The case file goes to the person who asked for this check. Press Run again to get one of your own, or ask an administrator of the bot.",
    );
  }
  if (await isOutOfBounds(cases, caseId, { report: earlier.report, isOwn, viewer })) {
    return refused(OUT_OF_BOUNDS);
  }
  const { files } = earlier.report;
  if (files.length === 0) return refused("This result has no case file.");
  const exist = await Promise.all(files.map(({ path }) => isReadable(path)));
  return exist.includes(false) ? gone(cases) : { kind: "kept", files };
}

function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function gone({ keepDays }: Cases) {
  const days = keepDays === 1 ? "a day" : `${keepDays} days`;
  return refused(`That case is no longer kept here: cases are deleted after ${days}. Run the check again.`);
}

function refused(reason: string): { kind: "refused"; report: Report } {
  return { kind: "refused", report: notShown(reason) };
}
