import type { Level } from "../access.ts";
import type { Work } from "../jobs/contract.ts";
import type { Action } from "./custom-id.ts";

/**
 * What a click on a button of ours does.
 * - `job`: a new message; `same` keeps to the visibility of the message that carries the button.
 * - `cancel`: the job is asked to stop and edits its own message.
 */
export type Component =
  | { kind: "job"; access: Level; visibility: "same" | "private"; toWork(caseId: string): Work }
  | { kind: "cancel"; access: Level };

export const components: Record<Action, Component> = {
  "run-again": {
    kind: "job",
    access: "tech",
    visibility: "same",
    toWork: (caseId) => ({ kind: "run-again", caseId }),
  },
  "show-result": {
    kind: "job",
    access: "tech",
    visibility: "private",
    toWork: (caseId) => ({ kind: "show-result", caseId }),
  },
  // A team works on a case together, so anybody who may start a check may stop one.
  stop: { kind: "cancel", access: "tech" },
};
