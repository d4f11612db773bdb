import type { Level } from "../../src/access.ts";
import { notShown } from "../endings.ts";
import type { KeptAnswer, KeptAnswers } from "../query/kept-answers.ts";
import type { Report } from "../report.ts";
import type { HandlerContext } from "./handler.ts";

/** An answer that is still kept and that this person may see, or the report that says in words why it is not shown. */
export async function findAnswer(
  answers: KeptAnswers,
  queryId: string,
  { job, permission }: Pick<HandlerContext, "job" | "permission">,
): Promise<{ kind: "kept"; answer: KeptAnswer } | { kind: "refused"; report: Report }> {
  const answer = await answers.read(queryId);
  if (answer === undefined) {
    return refused("That answer is no longer kept: answers are deleted after an hour. Use /query again.");
  }
  const isOwn = answer.requesterId === job.interaction.userId;
  if (answer.ephemeral && !isOwn) {
    return refused("That answer is private to the person who asked. Use /query yourself.");
  }
  if (!covers(permission.level, answer.level)) {
    return refused("Only administrators of the bot may see that answer. Ask one of them.");
  }
  // What somebody else asked for may be about any tenant.
  if (permission.tenantIds !== undefined && !isOwn) {
    return refused(
      "Your role is limited to some tenants, so use /query yourself. /whoami says which they are.",
    );
  }
  return { kind: "kept", answer };
}

function covers(level: Level, required: Level): boolean {
  return level === "admin" || required === "tech";
}

function refused(reason: string): { kind: "refused"; report: Report } {
  return { kind: "refused", report: notShown(reason) };
}
