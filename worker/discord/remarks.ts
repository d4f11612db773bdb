import { coerceError } from "../../src/errors.ts";
import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Discord } from "./api.ts";
import { fitText } from "./fit.ts";
import type { OpenOriginal } from "./open-original.ts";
import { PERSISTENCE } from "./persist.ts";
import { type MessageBody, textMessage } from "./render.ts";
import { createRoutes } from "./routes.ts";

/** A sentence about findings, by their ids. */
interface Remark {
  text: string;
  findingIds: readonly string[];
}

interface Remarks {
  remarks: readonly Remark[];
  findings: readonly { id: string; title: string }[];
  signal: AbortSignal;
  log: Log;
}

/** One more message after a report, as public or private as that. Prose: if it cannot be sent at once, it is not. */
export type SendRemarks = (interaction: Origin, remarks: Remarks) => Promise<void>;

export function createSendRemarks({
  discord,
  openOriginal,
}: {
  discord: Discord;
  openOriginal: OpenOriginal;
}): SendRemarks {
  return async function sendRemarks(interaction, { remarks, findings, signal, log }) {
    const routes = createRoutes({
      discord,
      interaction,
      original: openOriginal(interaction, { log }),
      log,
      now: Date.now,
      signal,
      persistence: PERSISTENCE,
    });
    const { ephemeral } = interaction;
    await routes.followUp(renderRemarks(remarks, findings), { ephemeral }).catch((thrown: unknown) => {
      log.warn({ err: coerceError(thrown) }, "explanation not sent");
    });
  };
}

const SENTENCE_MAX = 330;
const TITLE_MAX = 60;

/** Names findings as the report does, where the ids mean nothing to a person. Five sentences fit into one message. */
function renderRemarks(remarks: readonly Remark[], findings: Remarks["findings"]): MessageBody {
  const titleOf = (id: string) =>
    fitText(findings.find((finding) => finding.id === id)?.title ?? "", TITLE_MAX);
  const lines = remarks.map(({ text, findingIds }) => {
    const [first = "", ...more] = findingIds;
    const others = more.length > 0 ? ` and ${more.length} more` : "";
    return `- ${fitText(text, SENTENCE_MAX - TITLE_MAX)} *(${titleOf(first)}${others})*`;
  });
  return textMessage(
    [
      "**In other words**",
      ...lines,
      "-# Written by Claude. The verdict and the findings are those of the report.",
    ].join("\n"),
  );
}
