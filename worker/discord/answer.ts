import { type APIButtonComponent, ButtonStyle, ComponentType } from "discord-api-types/v10";
import { encodeCustomId } from "../../src/interactions/custom-id.ts";
import type { Answer, Draft, Progress, Report } from "../report.ts";
import { fitLines, fitText } from "./fit.ts";
import {
  type MessageBody,
  type ReportContext,
  type Row,
  renderButtons,
  renderFooter,
  stepLine,
  stopButton,
  textMessage,
} from "./render.ts";
import { splitText } from "./split.ts";

/** @see https://discord.com/developers/docs/resources/message#create-message */
const CONTENT_MAX = 2000;
const QUESTION_MAX = 200;
/** Of all tools together: the answer is what people read. */
const STEPS_MAX = 600;
const STEP_MAX = 160;
const NOTES_MAX = 600;
const CUT = "\n-# … it goes on; all of it comes when it is complete";

/** An answer that is being written: its beginning, as much as one message takes, and what the tools do. */
export function renderAnswerProgress(
  { title, steps, draft }: Progress & { draft: Draft },
  { jobId, note = "" }: { jobId: string; note?: string },
): MessageBody {
  const tail = [...toolLines(steps), ...subtext([note])];
  const room = CONTENT_MAX - joined(tail).length - CUT.length - 2;
  const [shown = "", ...more] = splitText(draft.text(), room);
  const head = shown === "" ? `-# ⏳ ${fitText(title, QUESTION_MAX)}` : shown;
  return {
    ...textMessage(joined([more.length > 0 ? `${head}${CUT}` : head, ...tail])),
    components: stopButton(jobId),
  };
}

/**
 * A finished answer: the message that takes the place of the progress, and those that follow it. The footer stands in the
 * first, which is the one that people have watched, and by which a delivery that nobody confirmed is recognised.
 */
export function renderAnswer(
  report: Report & { answer: Answer },
  context: ReportContext,
): [first: MessageBody, ...more: MessageBody[]] {
  const { question, text, notes, steps } = report.answer;
  const head = question === "" ? [] : [`-# ${fitText(question, QUESTION_MAX)}`];
  const tail = [
    ...subtext(fitLines(notes, { max: NOTES_MAX, lineMax: NOTES_MAX }).split("\n")),
    ...toolLines(steps),
    `-# ${renderFooter(report, context)}`,
  ];
  const reserved = joined([...head, ...tail]).length + CONTINUED.length + 3;
  const [shown = "", ...more] = splitText(text, CONTENT_MAX - reserved);
  const first = joined([...head, shown, ...(more.length > 0 ? [CONTINUED] : []), ...tail]);
  return [
    { ...textMessage(first), components: withReply(renderButtons(report.buttons), report.answer) },
    ...more.map(textMessage),
  ];
}
const CONTINUED = "-# It goes on below.";

function toolLines(steps: Progress["steps"]): string[] {
  return subtext(fitLines(steps.map(stepLine), { max: STEPS_MAX, lineMax: STEP_MAX }).split("\n"));
}

/** @see https://support.discord.com/hc/en-us/articles/210298617 */
function subtext(lines: readonly string[]): string[] {
  return lines.filter((line) => line !== "").map((line) => `-# ${line}`);
}

const joined = (lines: readonly string[]) => lines.filter((line) => line !== "").join("\n");

function withReply(rows: Row[], { replyTo }: Answer): Row[] {
  if (replyTo === undefined) return rows;
  const reply: APIButtonComponent = {
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    label: "Reply",
    custom_id: encodeCustomId("reply", replyTo),
  };
  return [{ type: ComponentType.ActionRow, components: [reply] }, ...rows];
}
