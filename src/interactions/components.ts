import type { Level } from "../access.ts";
import { JobId, type Work } from "../jobs/contract.ts";
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
  // A team works on a case together, so anybody who may start a check may stop one.
  stop: { kind: "cancel", access: "tech", toJobId: toCaseId },
};

function onCase(click: Click, toWork: (caseId: string) => Work): Work | undefined {
  const caseId = toCaseId(click);
  return caseId === undefined ? undefined : toWork(caseId);
}
