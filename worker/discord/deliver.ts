import { AppError } from "../../src/errors.ts";
import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Report } from "../report.ts";
import { renderAnswer } from "./answer.ts";
import type { Attempt, Discord, Failure } from "./api.ts";
import { deliverExtras, reasonOf } from "./extras.ts";
import type { Original } from "./original.ts";
import { PERSISTENCE, type Persistence } from "./persist.ts";
import { readPicture, sendReport } from "./picture.ts";
import {
  addressed,
  type Missing,
  renderBareReport,
  renderFooter,
  renderMoved,
  renderReady,
  renderReport,
  renderUnconfirmed,
  textMessage,
} from "./render.ts";
import { createRoutes, type Routes } from "./routes.ts";

/** Where a report arrived, and what of it did not (the requester was told). */
export interface Delivery {
  kind: /** The original response became the report. */
    | "edited"
    /** The original response was deleted; a follow-up as public or private as it was. */
    | "followed-up"
    /** Discord no longer took the interaction's token; a message in the channel. */
    | "posted"
    | "direct-message"
    /** A button in the channel that shows it to the requester: no private way was open. */
    | "announced"
    /** Sent, but Discord didn't confirm it, and sending it again could show it twice: the same button. */
    | "unconfirmed";
  missing: Missing[];
}

export interface DeliverOptions {
  discord: Discord;
  interaction: Origin;
  /** The message that becomes the report. */
  original: Original;
  jobId: string;
  durationMs: number;
  log: Log;
  now?: () => number;
  /** When the process ends; not when a person stops the job, because that too ends in a report. */
  signal?: AbortSignal | undefined;
  persistence?: Persistence;
  /** Of the original response, once an edit has returned it. */
  originalId?: string | undefined;
}

/**
 * Brings a report to where it may be seen, exactly once: the original response, else a follow-up, else with the
 * bot token the channel (public) or the requester's direct messages (private). A private report never goes to a
 * channel. Files and the transcript go to the requester alone.
 * @throws {AppError} `DISCORD_UNDELIVERED` (retryable) if neither the report nor a button for it arrived.
 */
export async function deliver(report: Report, options: DeliverOptions): Promise<Delivery> {
  const { discord, interaction, original, jobId, log, signal } = options;
  const { now = Date.now, persistence = PERSISTENCE } = options;
  const routes = createRoutes({ discord, interaction, original, log, now, signal, persistence });
  const isLong = (report.transcript ?? "") !== "";
  const first = isLong ? withoutSend(report) : report;
  const { kind, messageId } = await deliverReport(first, routes, options);
  try {
    await leaveOriginal(kind, routes, options);
    // No private way is open, and the button that was announced brings the files as well.
    if (kind === "announced") return { kind, missing: [] };
    const missing = [
      ...(await deliverRest(report, kind, { ...options, routes })),
      ...(await deliverExtras(report, { routes, interaction, jobId, log })),
    ];
    if (kind === "edited" && missing.length === 0 && first.buttons.length < report.buttons.length) {
      await routes.edit(renderReport(report, options));
    }
    if (kind === "edited") await openThread(report, options.originalId ?? messageId, { ...options, routes });
    return { kind, missing };
  } catch (error) {
    // The process ends. Rejected, a report that has arrived would be sent again.
    log.warn({ reason: String(error) }, "the rest of a report was not delivered");
    return { kind, missing: report.files.map(({ name }) => ({ name, reason: "unconfirmed" })) };
  }
}

/** Of a report that stands elsewhere. Otherwise the original would say for ever that the job is running. */
async function leaveOriginal(
  kind: Delivered["kind"],
  routes: Routes,
  { discord, interaction, original, originalId, signal }: DeliverOptions,
): Promise<void> {
  if (originalId !== undefined) {
    if (kind === "posted")
      await discord.editMessage(original.channelId(), originalId, renderMoved(), { signal });
    return;
  }
  const isElsewhere = kind === "posted" || kind === "direct-message";
  const mayWait = original.hidesFollowUps && !("updates" in interaction) && !interaction.ephemeral;
  if (!isElsewhere || !mayWait || !routes.tokenIsUsable()) return;
  // The first follow-up becomes the deferral that was never edited, as public as that is: so nothing private.
  await routes.followUp(renderMoved(), { ephemeral: false });
  routes.leaveToken();
}

/** A change is sent as it was shown, so nothing is to be pressed before all of it is there. */
function withoutSend(report: Report): Report {
  const asks = report.buttons.some(({ action }) => action === "query-send");
  return asks ? { ...report, buttons: [] } : report;
}

async function deliverReport(report: Report, routes: Routes, options: DeliverOptions): Promise<Delivered> {
  const { jobId, interaction } = options;
  const { ephemeral } = interaction;
  const isBeside = report.outcome !== "Done" && !report.settles;
  if ("updates" in interaction && isBeside) return tellBeside(report, routes, options);
  const context = { ...options, pictures: await readPicture(report, options.log) };

  const edited = await sendReport(report, context, routes.edit);
  if (edited.kind === "sent") return { kind: "edited", messageId: edited.messageId };
  if (edited.kind === "unreachable" && edited.perhapsDone && (await isShown(report, options)))
    return { kind: "edited" };
  if (edited.kind === "refused") {
    const bare = await routes.edit(renderBareReport(withoutSend(report), options));
    if (bare.kind === "sent") return { kind: "edited" };
  }
  if (edited.kind === "deleted") {
    const followed = await sendReport(report, context, (body, files) =>
      routes.followUp(body, { ephemeral, files }),
    );
    if (followed.kind === "sent") return { kind: "followed-up" };
    if (followed.kind === "unreachable" && followed.perhapsDone) {
      // Sent again, it could be there twice. The button brings it back if it is not there at all.
      const told = await routes.privately("u", renderUnconfirmed(jobId));
      if (told.kind === "sent") return { kind: "unconfirmed" };
    }
  }
  const kind = await deliverByBot(edited, {
    ...options,
    routes,
    post: () =>
      sendReport(report, context, (body, files) =>
        routes.post("r", addressed(body, interaction.userId), files),
      ),
    directMessage: () => sendReport(report, context, (body, files) => routes.directMessage("r", body, files)),
  });
  return { kind };
}

/** Where the report stands, and as which message if Discord said so. */
interface Delivered {
  kind: Delivery["kind"];
  messageId?: string | undefined;
}

/** What of an answer does not fit into its first message, in the same place as that. */
async function deliverRest(
  report: Report,
  kind: Delivery["kind"],
  { routes, interaction, ...context }: DeliverOptions & { routes: Routes },
): Promise<Missing[]> {
  const { answer } = report;
  if (answer === undefined) return [];
  const [, ...more] = renderAnswer({ ...report, answer }, context);
  const { ephemeral } = interaction;
  for (const [index, body] of more.entries()) {
    const part = `c${index}`;
    const attempt =
      kind === "posted"
        ? await routes.post(part, body)
        : kind === "direct-message"
          ? await routes.directMessage(part, body)
          : await routes.followUp(body, { ephemeral, part });
    // What comes after a gap would be misread as what comes next.
    if (attempt.kind !== "sent") return [{ name: "the rest of the answer", reason: reasonOf(attempt) }];
  }
  return [];
}

/** The conversation goes on in a thread of its own. Without one it still does, by the button. */
async function openThread(
  { answer }: Report,
  messageId: string | undefined,
  { discord, interaction, original, log, signal, routes }: DeliverOptions & { routes: Routes },
): Promise<void> {
  const name = answer?.threadName;
  if (name === undefined || messageId === undefined || interaction.ephemeral) return;
  if (!original.beginsThread) return;
  const opened = await discord.openThread(interaction.channelId, messageId, { name }, { signal });
  if (opened.kind === "sent") return;
  log.warn({ failure: opened.kind, reason: opened.reason }, "thread not opened");
  await routes.privately("n", textMessage(NO_THREAD));
}
const NO_THREAD =
  "Discord did not let the bot open a thread here (it needs the permission Create Public Threads). Press Reply to go on with this answer.";

/**
 * The page that could not be turned stays, since it is worth more than a sentence about the next one. Perhaps told is enough:
 * whoever sees nothing presses again.
 */
async function tellBeside(report: Report, routes: Routes, options: DeliverOptions): Promise<Delivered> {
  const told = await routes.privately("r", renderReport(report, options));
  if (told.kind === "sent") return { kind: "followed-up" };
  options.log.warn({ reason: told.reason }, "a page could not be turned, and nobody could be told");
  return { kind: "unconfirmed" };
}

/** Whether the original response shows this report, although Discord didn't say so when it was sent. */
export async function isShown(
  report: Report,
  options: Pick<DeliverOptions, "original" | "signal" | "jobId" | "durationMs">,
): Promise<boolean> {
  const { original, signal } = options;
  const shown = await original.read({ signal });
  return shown.kind === "sent" && shown.footer === renderFooter(report, options);
}

async function deliverByBot(
  because: Failure,
  {
    interaction,
    jobId,
    routes,
    post,
    directMessage,
  }: DeliverOptions & Record<"post" | "directMessage", () => Promise<Attempt>> & { routes: Routes },
): Promise<Delivery["kind"]> {
  const { ephemeral, userId } = interaction;
  if (!ephemeral && (await post()).kind === "sent") return "posted";
  if ((await directMessage()).kind === "sent") return "direct-message";
  const announced = await routes.post("a", renderReady(jobId, userId));
  if (announced.kind === "sent") return "announced";

  throw new AppError(
    "DISCORD_UNDELIVERED",
    "Discord did not take the report. It is kept and sent again later.",
    { retryable: true, cause: new Error(`${because.reason}; then ${announced.reason}`) },
  );
}
