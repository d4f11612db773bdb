import { AppError } from "../../src/errors.ts";
import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Report } from "../report.ts";
import type { Answer } from "./answer.ts";
import type { Attempt, Discord, Failure } from "./api.ts";
import { deliverExtras } from "./extras.ts";
import { PERSISTENCE, type Persistence } from "./persist.ts";
import { readPicture, sendReport } from "./picture.ts";
import {
  addressed,
  type Missing,
  renderBareReport,
  renderFooter,
  renderMoved,
  renderReady,
  renderUnconfirmed,
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
  answer: Answer;
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
  const {
    discord,
    interaction,
    answer,
    jobId,
    log,
    signal,
    now = Date.now,
    persistence = PERSISTENCE,
  } = options;
  const routes = createRoutes({ discord, interaction, answer, log, now, signal, persistence });
  const kind = await deliverReport(report, routes, options);
  try {
    const { originalId } = options;
    if (kind === "posted" && originalId !== undefined) {
      // Otherwise the old message would say for ever that the job is running.
      await discord.editMessage(answer.channelId(), originalId, renderMoved(), { signal });
    }
    // No private way is open, and the button that was announced brings the files as well.
    const missing =
      kind === "announced" ? [] : await deliverExtras(report, { routes, interaction, jobId, log });
    return { kind, missing };
  } catch (error) {
    // The process ends. Rejected, a report that has arrived would be sent again.
    log.warn({ reason: String(error) }, "the rest of a report was not delivered");
    return { kind, missing: report.files.map(({ name }) => ({ name, reason: "unconfirmed" })) };
  }
}

async function deliverReport(
  report: Report,
  routes: Routes,
  options: DeliverOptions,
): Promise<Delivery["kind"]> {
  const { jobId, interaction } = options;
  const { ephemeral } = interaction;
  const context = { ...options, pictures: await readPicture(report, options.log) };

  const edited = await sendReport(report, context, routes.edit);
  if (edited.kind === "sent") return "edited";
  if (edited.kind === "unreachable" && edited.perhapsDone && (await isShown(report, options)))
    return "edited";
  if (edited.kind === "refused") {
    const bare = await routes.edit(renderBareReport(report, options));
    if (bare.kind === "sent") return "edited";
  }
  if (edited.kind === "deleted") {
    const followed = await sendReport(report, context, (body, files) =>
      routes.followUp(body, { ephemeral, files }),
    );
    if (followed.kind === "sent") return "followed-up";
    if (followed.kind === "unreachable" && followed.perhapsDone) {
      // Sent again, it could be there twice. The button brings it back if it is not there at all.
      const told = await routes.privately("u", renderUnconfirmed(jobId));
      if (told.kind === "sent") return "unconfirmed";
    }
  }
  return deliverByBot(edited, {
    ...options,
    routes,
    post: () =>
      sendReport(report, context, (body, files) =>
        routes.post("r", addressed(body, interaction.userId), files),
      ),
    directMessage: () => sendReport(report, context, (body, files) => routes.directMessage("r", body, files)),
  });
}

/** Whether the original response shows this report, although Discord didn't say so when it was sent. */
export async function isShown(
  report: Report,
  options: Pick<DeliverOptions, "answer" | "signal" | "jobId" | "durationMs">,
): Promise<boolean> {
  const { answer, signal } = options;
  const original = await answer.read({ signal });
  return original.kind === "sent" && original.footer === renderFooter(report, options);
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
