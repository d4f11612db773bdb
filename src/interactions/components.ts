import * as z from "zod";
import type { Level } from "../access.ts";
import { JobId, Page, type Work } from "../jobs/contract.ts";
import { Guid } from "../tenant.ts";
import type { Action } from "./custom-id.ts";
import { type Form, replyForm } from "./forms.ts";

/** What was clicked: the value in the custom id, and of a select menu what was chosen. */
interface Click {
  value: string;
  chosen: readonly string[];
}

/**
 * What a click on a component of ours does. A click that cannot be read is that of another release: `undefined`.
 * - `job`: a new message; `same` keeps to the visibility of the message that carries the component.
 * - `form`: a form opens, which is answered when it is sent; see `forms`.
 * - `update`: the message that carries the component becomes the answer: the next page, or what came of a change.
 * - `cancel`: the job is asked to stop and edits its own message.
 */
export type Component =
  | {
      kind: "job";
      access: Level;
      visibility: "same" | "private";
      toWork(click: Click): Work | undefined;
    }
  | { kind: "form"; access: Level; toForm(click: Click): Form | undefined }
  | { kind: "update"; access: Level; toWork(click: Click): Work | undefined }
  | { kind: "cancel"; access: Level; toJobId(click: Click): string | undefined };

const toCaseId = ({ value }: Click) => JobId.safeParse(value).data;

export const components: Record<Action, Component> = {
  "run-again": {
    kind: "job",
    access: "tech",
    visibility: "same",
    toWork: (click) => onCase(click, (caseId) => ({ kind: "run-again", caseId })),
  },
  "show-result": {
    kind: "job",
    access: "tech",
    visibility: "private",
    toWork: (click) => onCase(click, (caseId) => ({ kind: "show-result", caseId })),
  },
  "show-evidence": {
    kind: "job",
    access: "tech",
    visibility: "private",
    toWork: (click) => onCase(click, (caseId) => ({ kind: "show-evidence", caseId })),
  },
  download: {
    kind: "job",
    access: "tech",
    visibility: "private",
    toWork: (click) => onCase(click, (caseId) => ({ kind: "download", caseId })),
  },
  finding: {
    kind: "job",
    access: "tech",
    visibility: "private",
    toWork: (click) => {
      const [findingId] = click.chosen;
      if (findingId === undefined) return undefined;
      return onCase(click, (caseId) => ({ kind: "show-finding", caseId, findingId }));
    },
  },
  reply: { kind: "form", access: "tech", toForm: ({ value }) => replyForm(value) },
  tenant: {
    kind: "job",
    access: "tech",
    visibility: "same",
    toWork: (click) => {
      const tenant = Guid.safeParse(click.chosen[0]).data;
      if (tenant === undefined) return undefined;
      return onCase(click, (caseId) => ({ kind: "run-again", caseId, tenant }));
    },
  },
  "tenant-page": {
    kind: "update",
    access: "tech",
    toWork: (click) => onPage(click, (page) => ({ kind: "tenant-page", ...page })),
  },
  "query-page": {
    kind: "update",
    access: "tech",
    toWork: (click) => onPage(click, (page) => ({ kind: "query-page", ...page })),
  },
  "query-raw": {
    kind: "job",
    access: "tech",
    visibility: "private",
    toWork: (click) => onCase(click, (caseId) => ({ kind: "query-raw", caseId })),
  },
  // Who may send it is for the route policy to say, which the worker asks.
  "query-send": {
    kind: "update",
    access: "tech",
    toWork: (click) => onCase(click, (caseId) => ({ kind: "query-send", caseId })),
  },
  "query-cancel": {
    kind: "update",
    access: "tech",
    toWork: (click) => onCase(click, (caseId) => ({ kind: "query-cancel", caseId })),
  },
  // A team works on a case together, so anybody who may start a check may stop one.
  stop: { kind: "cancel", access: "tech", toJobId: toCaseId },
};

function onCase(click: Click, toWork: (caseId: string) => Work): Work | undefined {
  const caseId = toCaseId(click);
  return caseId === undefined ? undefined : toWork(caseId);
}

/** `ix-1.2` is the third page of the case `ix-1`. */
function onPage(
  { value }: Click,
  toWork: (page: { caseId: string; page: number }) => Work,
): Work | undefined {
  const [caseId, page] = value.split(".");
  const read = z.object({ caseId: JobId, page: Page }).safeParse({ caseId, page }).data;
  return read && toWork(read);
}
