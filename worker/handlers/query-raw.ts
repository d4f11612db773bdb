import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cases } from "../cases/cases.ts";
import type { KeptAnswers } from "../query/kept-answers.ts";
import type { Handler } from "./handler.ts";
import { findAnswer } from "./kept-answer.ts";

const FILE_NAME = "answer.json";

/** "Raw JSON": the answer as it came, secrets taken out, as a file for whoever clicked. It is deleted like a case. */
export function createQueryRaw({
  answers,
  cases,
}: {
  answers: KeptAnswers;
  cases: Cases;
}): Handler<"query-raw"> {
  return {
    access: "tech",
    run: ({ caseId: queryId }, context) =>
      cases.withFolder(context.job.id, async (folder) => {
        const found = await findAnswer(answers, queryId, context);
        if (found.kind === "refused") return found.report;
        const { method, target, body, secrets } = found.answer;
        const path = join(folder, FILE_NAME);
        await writeFile(path, `${JSON.stringify(body, undefined, 2)}\n`, { mode: 0o600 });
        const hidden =
          secrets === 0 ? "" : ` ${secrets} values in it are hidden, because they look like secrets.`;
        return {
          outcome: "Done",
          title: `${method} ${target}`,
          tone: "neutral",
          lead: `The answer is the next message, as a file. Only you see it.${hidden}`,
          sections: [],
          files: [{ name: FILE_NAME, path, description: `Answer to ${method} ${target}` }],
          buttons: [],
        };
      }),
  };
}
