import { readFile, stat } from "node:fs/promises";
import { MessageFlags } from "discord-api-types/v10";
import { AppError } from "../../src/errors.ts";
import type { InteractionRef } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Report, ReportFile } from "../report.ts";
import type { Attempt, Discord, Failure, Upload } from "./api.ts";
import { PERSISTENCE, type Persistence, persist } from "./persist.ts";
import {
  addressed,
  type MessageBody,
  type Missing,
  renderBareReport,
  renderFile,
  renderMissing,
  renderMoved,
  renderReady,
  renderReport,
  renderTranscript,
  renderUnconfirmed,
} from "./render.ts";

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
  interaction: InteractionRef;
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

const DISCORD_EPOCH_MS = 1_420_070_400_000;
const TOKEN_LIFETIME_MS = 14 * 60_000;

/**
 * From when on an interaction's token is not to be relied on: a minute before Discord ends it. Counted from the
 * interaction's id, because a job may have waited in the queue.
 * @see https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
 */
export function tokenExpiresAt(interactionId: string): number {
  return Number(BigInt(interactionId) >> 22n) + DISCORD_EPOCH_MS + TOKEN_LIFETIME_MS;
}

/**
 * Brings a report to where it may be seen, exactly once: the original response, else a follow-up, else with the
 * bot token the channel (public) or the requester's direct messages (private). A private report never goes to a
 * channel. Files and the transcript go to the requester alone.
 * @throws {AppError} `DISCORD_UNDELIVERED` (retryable) if neither the report nor a button for it arrived.
 */
export async function deliver(report: Report, options: DeliverOptions): Promise<Delivery> {
  const delivery = createDelivery(report, options);
  const kind = await delivery.report();
  // No private way is open, and the button that was announced brings the files as well.
  const missing = kind === "announced" ? [] : await delivery.extras();
  return { kind, missing };
}

function createDelivery(report: Report, options: DeliverOptions) {
  const { discord, interaction, jobId, durationMs, log, signal, originalId } = options;
  const { now = Date.now, persistence = PERSISTENCE } = options;
  const { userId, channelId, ephemeral } = interaction;
  const body = renderReport(report, { jobId, durationMs });
  const repeat = {
    ...persistence,
    until: performance.now() + persistence.patienceMs,
    idempotent: true,
    signal,
  };
  const once = { ...repeat, idempotent: false };

  let tokenIsDead = false;
  let directMessages: Promise<Attempt> | undefined;

  const tokenIsUsable = () => !tokenIsDead && now() < tokenExpiresAt(interaction.id);

  async function withToken(request: () => Promise<Attempt>, policy: typeof repeat): Promise<Attempt> {
    const attempt = await persist(async () => {
      if (!tokenIsUsable()) return { kind: "expired", reason: "more than 14 minutes after the interaction" };
      return request();
    }, policy);
    if (attempt.kind === "expired" || attempt.kind === "unknown-webhook") tokenIsDead = true;
    return noted(attempt, "interaction token");
  }

  function noted(attempt: Attempt, route: string): Attempt {
    if (attempt.kind !== "sent")
      log.warn({ route, failure: attempt.kind, reason: attempt.reason }, "Discord did not take a message");
    return attempt;
  }

  const edit = (edited: MessageBody) =>
    withToken(() => discord.editOriginal(interaction, edited, { signal }), repeat);

  const followUp = (message: MessageBody, { hidden = ephemeral, files = [] as readonly Upload[] } = {}) =>
    withToken(
      () => discord.followUp(interaction, hidden ? asEphemeral(message) : message, { files, signal }),
      once,
    );

  /**
   * `part` says which message of the delivery this is. Discord keeps one message per nonce and author, so that
   * one which arrived unnoticed isn't sent again, not even by a second delivery or to another channel.
   */
  async function post(
    channel: string,
    part: string,
    message: MessageBody,
    files: readonly Upload[] = [],
  ): Promise<Attempt> {
    const options = { nonce: `${interaction.id}-${part}`, files, signal };
    return noted(await persist(() => discord.postMessage(channel, message, options), repeat), "bot token");
  }

  async function directMessage(
    part: string,
    message: MessageBody,
    files: readonly Upload[] = [],
  ): Promise<Attempt> {
    directMessages ??= persist(() => discord.openDirectMessages(userId, { signal }), repeat);
    const opened = await directMessages;
    if (opened.kind !== "sent" || opened.channelId === undefined) return noted(opened, "direct messages");
    return post(opened.channelId, part, message, files);
  }

  async function deliverReport(): Promise<Delivery["kind"]> {
    const edited = await edit(body);
    if (edited.kind === "sent") return "edited";
    if (edited.kind === "unreachable" && edited.perhapsDone && (await showsReport())) return "edited";
    if (
      edited.kind === "refused" &&
      (await edit(renderBareReport(report, { jobId, durationMs }))).kind === "sent"
    ) {
      return "edited";
    }
    if (edited.kind === "deleted") {
      const followed = await followUp(body);
      if (followed.kind === "sent") return "followed-up";
      // A follow-up has no nonce: sent again, it could be there twice. The button brings it back if it is not.
      if (followed.kind === "unreachable" && followed.perhapsDone && (await announceUnconfirmed())) {
        return "unconfirmed";
      }
    }
    return deliverByBot(edited);
  }

  async function showsReport(): Promise<boolean> {
    const original = await discord.getOriginal(interaction, { signal });
    return original.kind === "sent" && original.footer === body.embeds?.[0]?.footer?.text;
  }

  async function announceUnconfirmed(): Promise<boolean> {
    const told = await followUp(renderUnconfirmed(jobId), { hidden: true });
    return told.kind === "sent" || (await directMessage("u", renderUnconfirmed(jobId))).kind === "sent";
  }

  async function deliverByBot(because: Failure): Promise<Delivery["kind"]> {
    if (!ephemeral) {
      const posted = await post(channelId, "r", addressed(body, userId));
      if (posted.kind === "sent") {
        // Otherwise the old message would say for ever that the job is running.
        if (originalId !== undefined)
          await discord.editMessage(channelId, originalId, renderMoved(), { signal });
        return "posted";
      }
    }
    if ((await directMessage("r", body)).kind === "sent") return "direct-message";
    const announced = await post(channelId, "a", renderReady(jobId, userId));
    if (announced.kind === "sent") return "announced";

    throw new AppError(
      "DISCORD_UNDELIVERED",
      "Discord did not take the report. It is kept and sent again later.",
      {
        retryable: true,
        cause: new Error(`${because.reason}; then ${announced.reason}`),
      },
    );
  }

  /** To the requester alone, whatever the visibility of the report. */
  async function privately(
    part: string,
    message: MessageBody,
    files: readonly Upload[] = [],
  ): Promise<Attempt> {
    if (tokenIsUsable()) {
      const followed = await followUp(message, { hidden: true, files });
      if (tokenIsUsable()) return followed;
    }
    return directMessage(part, message, files);
  }

  async function deliverExtras(): Promise<Missing[]> {
    const missing: Missing[] = [];
    for (const [index, file] of report.files.entries())
      missing.push(...(await deliverFile(file, `f${index}`)));
    missing.push(...(await deliverTranscript()));
    if (missing.length > 0) await tellMissing(missing);
    return missing;
  }

  async function deliverFile(file: ReportFile, part: string): Promise<Missing[]> {
    const { name, description } = file;
    let sizeBytes: number;
    let bytes: Uint8Array;
    try {
      sizeBytes = (await stat(file.path)).size;
      if (sizeBytes > interaction.attachmentLimitBytes) return [{ name, sizeBytes, reason: "too-large" }];
      bytes = await readFile(file.path);
    } catch (error) {
      log.error({ file: name, reason: String(error) }, "a report's file cannot be read");
      return [{ name, reason: "unreadable" }];
    }
    const attempt = await privately(part, renderFile(file), [{ name, description, bytes }]);
    return attempt.kind === "sent" ? [] : [{ name, sizeBytes, reason: reasonOf(attempt) }];
  }

  async function deliverTranscript(): Promise<Missing[]> {
    const messages = report.transcript === undefined ? [] : renderTranscript(report.transcript);
    for (const [index, message] of messages.entries()) {
      const attempt = await privately(`t${index}`, message);
      if (attempt.kind !== "sent") return [{ name: "the script's output", reason: reasonOf(attempt) }];
    }
    return [];
  }

  async function tellMissing(missing: readonly Missing[]): Promise<void> {
    const notice = renderMissing(missing, { jobId, attachmentLimitBytes: interaction.attachmentLimitBytes });
    if ((await privately("m", notice)).kind === "sent") return;
    await post(channelId, "a", renderReady(jobId, userId));
  }

  return { report: deliverReport, extras: deliverExtras };
}

/** @see https://discord.com/developers/docs/resources/message#message-object-message-flags */
const asEphemeral = (body: MessageBody): MessageBody => ({
  ...body,
  flags: (body.flags ?? 0) | MessageFlags.Ephemeral,
});

function reasonOf(failure: Failure): Missing["reason"] {
  if (failure.kind === "too-large") return "too-large";
  return failure.kind === "unreachable" && failure.perhapsDone ? "unconfirmed" : "not-accepted";
}
