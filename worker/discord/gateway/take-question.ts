import { type AccessLists, authorise } from "../../../src/access.ts";
import { coerceError } from "../../../src/errors.ts";
import { createJob, type Job } from "../../../src/jobs/contract.ts";
import type { Producer } from "../../../src/jobs/queue.ts";
import type { Log } from "../../../src/log.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Audit } from "../../audit/audit.ts";
import { actOfJob } from "../../audit/job-act.ts";
import type { Discord } from "../api.ts";
import { isOwnThread } from "../own-thread.ts";
import { renderNotice } from "../render.ts";
import type { Question } from "./hear.ts";

export interface TakeQuestionOptions {
  access: AccessLists;
  /** Of the queue that questions wait in. */
  producer: Pick<Producer, "enqueue">;
  store: Pick<Store, "add" | "getMany">;
  discord: Pick<Discord, "postMessage" | "isThread">;
  audit: Pick<Audit, "refused">;
  log: Log;
  now?: () => number;
}

/** Nobody makes the bot talk more often than this. */
const NOTICE_EVERY_MS = 10 * 60_000;
/** What a bot may upload where nobody says otherwise. @see https://discord.com/developers/docs/reference#uploading-files */
const ATTACHMENT_LIMIT_BYTES = 10 * 1024 * 1024;
/** Ids of channels and whether they are threads; a channel never becomes one. */
const KNOWN_CHANNELS_MAX = 500;

const EMPTY = "Yes? Write the question behind my name, for example: which clients have open tasks?";
const ONLY_FILES =
  "Files are not read here. Write behind my name what it is about, and what a file says that matters.";
const UNAVAILABLE =
  "The job queue cannot be reached, so nothing was started. Try again in a minute. If it stays so, tell whoever runs this bot.";

/** So that an answer does not pass over in silence what the person sees beside their question. */
function withNote(text: string, files: number): string {
  const attached = files === 1 ? "1 attached file is" : `${files} attached files are`;
  return files === 0 ? text : `${text}\n\n(${attached} not read; say so in the answer.)`;
}

/**
 * Makes a job of a question, with the checks that a slash command has at the webhook. It never rejects.
 * Who is refused is told so once in a while; who only speaks in one of our threads without a right to ask is not.
 */
export function createTakeQuestion({
  access,
  producer,
  store,
  discord,
  audit,
  log,
  now = Date.now,
}: TakeQuestionOptions): (question: Question) => Promise<void> {
  const channels = new Map<string, boolean>();

  return async function takeQuestion(question) {
    const { messageId, channelId, guildId, userId } = question;
    const questionLog = log.child({ messageId, userId, guildId, channelId, command: "ask" });
    try {
      await take(question, questionLog);
    } catch (thrown) {
      questionLog.error({ err: coerceError(thrown) }, "a mention was not dealt with");
      if (question.isAddressed) await say(question, UNAVAILABLE);
    }
  };

  async function take(question: Question, questionLog: Log): Promise<void> {
    const isOurs = await isOwnThread(question.channelId, store);
    if (!question.isAddressed && !isOurs) return;

    const permission = authorise(question, "tech", access);
    if (permission.kind === "denied") {
      if (!question.isAddressed) return;
      questionLog.warn({ code: permission.code }, "refused");
      const job = jobOf(question, undefined);
      await audit.refused(actOfJob(job, job.work), permission.code);
      return sayNowAndThen("refused", question, permission.reason);
    }
    if (question.text === "") {
      return sayNowAndThen("empty", question, question.files > 0 ? ONLY_FILES : EMPTY);
    }

    const isThread = isOurs || (await findWhetherThread(question.channelId));
    const job = jobOf(question, isThread ? question.channelId : undefined);
    const entry = await producer.enqueue(job);
    if (entry.kind === "unavailable") {
      questionLog.error({ jobId: job.id, reason: entry.reason }, "job not queued");
      return say(question, UNAVAILABLE);
    }
    questionLog.info({ jobId: job.id }, "job queued");
  }

  function jobOf(question: Question, threadId: string | undefined): Job {
    const { messageId, guildId, channelId, userId, roleIds, text, title, files } = question;
    const inThread = threadId === undefined ? {} : { threadId };
    return createJob(
      {
        id: messageId,
        guildId,
        channelId,
        userId,
        roleIds,
        ephemeral: false,
        attachmentLimitBytes: ATTACHMENT_LIMIT_BYTES,
        threadName: title,
        ...inThread,
      },
      { kind: "ask", question: withNote(text, files), messageId, ...inThread },
      { now: now() },
    );
  }

  async function findWhetherThread(channelId: string): Promise<boolean> {
    const known = channels.get(channelId);
    if (known !== undefined) return known;
    // If Discord does not say, opening a thread in a thread fails, and the answer stands there all the same.
    const isThread = await discord.isThread(channelId);
    if (isThread === undefined) return false;
    const [oldest] = channels.keys();
    if (channels.size >= KNOWN_CHANNELS_MAX && oldest !== undefined) channels.delete(oldest);
    channels.set(channelId, isThread);
    return isThread;
  }

  async function sayNowAndThen(about: string, question: Question, sentence: string): Promise<void> {
    const key = `notice:${about}:${question.userId}`;
    if (await store.add(key, "1", { ttlMs: NOTICE_EVERY_MS })) await say(question, sentence);
  }

  async function say({ channelId, messageId }: Question, sentence: string): Promise<void> {
    const said = await discord.postMessage(channelId, renderNotice(sentence), {
      nonce: `${messageId}-n`,
      replyTo: messageId,
    });
    if (said.kind !== "sent")
      log.warn({ failure: said.kind, reason: said.reason }, "Discord did not take a message");
  }
}
