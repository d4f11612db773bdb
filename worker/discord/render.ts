import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIEmbed,
  type APIEmbedField,
  type APIStringSelectComponent,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from "discord-api-types/v10";
import { encodeCustomId } from "../../src/interactions/custom-id.ts";
import {
  type CaseButton,
  type Choices,
  type Progress,
  type Report,
  type ReportButton,
  type ReportFile,
  type Section,
  type Step,
  TRANSCRIPT_MAX,
} from "../report.ts";
import { escapeForCodeBlock } from "./escape.ts";
import { charStart, fairShare, fitLines, fitPlain, fitText } from "./fit.ts";
import { renderTable } from "./render-table.ts";
import { splitText } from "./split.ts";

/**
 * A message as the reply sends it. Every one says that nobody is to be pinged: without the field, Discord pings
 * whoever the text mentions, and an edit without it pings again.
 * @see https://discord.com/developers/docs/resources/message#allowed-mentions-object
 */
export interface MessageBody {
  content?: string;
  embeds?: APIEmbed[];
  components?: Row[];
  flags?: MessageFlags;
  allowed_mentions: { parse: []; users?: string[] };
}

export type Row = APIActionRowComponent<APIButtonComponent | APIStringSelectComponent>;

/** The name under which a report's picture is uploaded. */
export const PICTURE_NAME = "timeline.png";

/** @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const TITLE_MAX = 256;
const FIELD_VALUE_MAX = 1024;
const FIELDS_MAX = 25;
const EMBED_MAX = 6000;

// Twelve steps, each with a reason.
const STEPS_MAX = 3600;

/** @see https://discord.com/developers/docs/components/reference#string-select */
const OPTION_MAX = 100;
const PROMPT_MAX = 150;

// Discord would take 4096 and 256. These leave room for every section's first lines within the 6000.
const LEAD_MAX = 1800;
const HEADING_MAX = 100;
const LINE_MAX = 300;
const SECTIONS_LEFT_OUT_MAX = 60;

const COLOURS: Record<Report["tone"], number> = {
  critical: 0xd93025,
  warning: 0xf29900,
  good: 0x1e8e3e,
  neutral: 0x5865f2,
};
const STEP_SIGNS: Record<Step["state"], string> = {
  waiting: "▫️",
  running: "⏳",
  ok: "✅",
  failed: "❌",
  skipped: "➖",
};
const BUTTONS: Record<
  CaseButton["action"],
  { label: string; style: ButtonStyle.Primary | ButtonStyle.Secondary }
> = {
  "run-again": { label: "Run again", style: ButtonStyle.Secondary },
  "show-result": { label: "Show result", style: ButtonStyle.Primary },
  "show-evidence": { label: "Show evidence", style: ButtonStyle.Secondary },
  download: { label: "Download", style: ButtonStyle.Secondary },
  "query-raw": { label: "Raw JSON", style: ButtonStyle.Secondary },
  "query-cancel": { label: "Cancel", style: ButtonStyle.Secondary },
};

const NO_PINGS: MessageBody["allowed_mentions"] = { parse: [] };

/** What the original response shows while the job runs. No footer: that is how an ending is recognised. */
export function renderProgress(
  progress: Progress,
  { jobId, note = "" }: { jobId: string; note?: string },
): MessageBody {
  return {
    embeds: [
      {
        title: fitText(progress.title, TITLE_MAX) || "Working",
        ...describe(
          `${fitLines(progress.steps.map(stepLine), { max: STEPS_MAX, lineMax: LINE_MAX })}\n\n${note}`.trim(),
        ),
        color: COLOURS.neutral,
      },
    ],
    components: stopButton(jobId),
    allowed_mentions: NO_PINGS,
  };
}

export function stopButton(jobId: string): Row[] {
  const stop = {
    type: ComponentType.Button,
    style: ButtonStyle.Danger,
    label: "Stop",
    custom_id: encodeCustomId("stop", jobId),
  } as const;
  return [{ type: ComponentType.ActionRow, components: [stop] }];
}

export function stepLine({ state, label, detail, durationMs }: Step): string {
  const about = [detail, durationMs === undefined ? undefined : seconds(durationMs)].filter((part) => part);
  return `${STEP_SIGNS[state]} ${label}${about.length === 0 ? "" : `: ${about.join(" · ")}`}`;
}

const seconds = (durationMs: number) => `${(durationMs / 1000).toFixed(1)} s`;

export interface ReportContext {
  jobId: string;
  durationMs: number;
}

/**
 * The final message: one embed, a field per section, the footer that every ending has, the buttons. It replaces
 * the progress, so it names its components even when there are none.
 */
export function renderReport(report: Report, { jobId, durationMs }: ReportContext): MessageBody {
  const title = fitText(report.title, TITLE_MAX) || "Report";
  const lead = [fitText(report.lead, LEAD_MAX), ...(report.table ? [renderTable(report.table)] : [])]
    .filter((part) => part !== "")
    .join("\n");
  const footer = renderFooter(report, { jobId, durationMs });
  const hint = report.files.length > 0 ? ", see the zip" : "";
  return {
    embeds: [
      {
        title,
        ...describe(lead),
        color: COLOURS[report.tone],
        fields: renderSections(report.sections, {
          room: EMBED_MAX - title.length - lead.length - footer.length,
          hint,
        }),
        ...(report.picture && { image: { url: `attachment://${PICTURE_NAME}` } }),
        footer: { text: footer },
      },
    ],
    components: [...renderButtons(report.buttons), ...renderChoices(report.choices)],
    allowed_mentions: NO_PINGS,
  };
}

/** The line that a final message is known by. */
export function renderFooter(
  { outcome, answer }: Pick<Report, "outcome" | "answer">,
  { jobId, durationMs }: ReportContext,
): string {
  return [outcome, seconds(durationMs), jobId.slice(-6), ...(answer?.facts ?? [])].join(" · ");
}

/** Discord refuses empty strings. */
const describe = (description: string) => (description === "" ? {} : { description });

function renderSections(
  sections: readonly Section[],
  { room, hint }: { room: number; hint: string },
): APIEmbedField[] {
  const shown = sections.slice(0, sections.length > FIELDS_MAX ? FIELDS_MAX - 1 : FIELDS_MAX);
  const wanted = shown.map(({ heading, lines, isNarrow }) => {
    const name = fitText(heading, HEADING_MAX) || "Also";
    const value = fitLines(lines, { max: FIELD_VALUE_MAX, lineMax: LINE_MAX, hint }) || "nothing";
    return { name, value, lines, ...(isNarrow && { inline: true }) };
  });
  const share = fairShare(
    wanted.map(({ name, value }) => name.length + value.length),
    room - SECTIONS_LEFT_OUT_MAX,
  );

  const fields = wanted.map(({ lines, ...field }) =>
    field.name.length + field.value.length <= share
      ? field
      : {
          ...field,
          value: fitLines(lines, { max: share - field.name.length, lineMax: LINE_MAX, hint }),
        },
  );
  const leftOut = sections.length - shown.length;
  if (leftOut > 0) fields.push({ name: `And ${leftOut} more sections`, value: `Not shown here${hint}.` });
  return fields;
}

/** A row holds one select menu. Its texts are shown as they are, without markup. */
function renderChoices(choices: Choices | undefined): Row[] {
  if (choices === undefined) return [];
  const menu: APIStringSelectComponent = {
    type: ComponentType.StringSelect,
    custom_id: encodeCustomId(choices.action, choices.caseId),
    placeholder: fitPlain(choices.prompt, PROMPT_MAX) || "Choose",
    options: choices.options.map(({ label, description, value }) => {
      const about = fitPlain(description, OPTION_MAX);
      return {
        label: fitPlain(label, OPTION_MAX) || "Without a name",
        value,
        ...(about !== "" && { description: about }),
      };
    }),
  };
  return [{ type: ComponentType.ActionRow, components: [menu] }];
}

export function renderButtons(buttons: readonly ReportButton[]): Row[] {
  if (buttons.length === 0) return [];
  const components = buttons.map((button) => ({ type: ComponentType.Button as const, ...buttonOf(button) }));
  return [{ type: ComponentType.ActionRow, components }];
}

function buttonOf(button: ReportButton) {
  if (button.action === "query-send") {
    const style: ButtonStyle.Danger = ButtonStyle.Danger;
    const customId = encodeCustomId(button.action, button.caseId);
    return { label: `Send ${button.method}`, style, custom_id: customId };
  }
  if (!("page" in button)) {
    const { action, caseId } = button;
    return { ...BUTTONS[action], custom_id: encodeCustomId(action, caseId) };
  }
  const { action, caseId, page, label } = button;
  const style: ButtonStyle.Secondary = ButtonStyle.Secondary;
  return { label, style, custom_id: encodeCustomId(action, `${caseId}.${page}`) };
}

const TRANSCRIPT_HEAD = 6_000;
const TRANSCRIPT_TAIL = TRANSCRIPT_MAX - TRANSCRIPT_HEAD;

/** The verbatim output. Of a long one the beginning and, because failures stand there, more of the end. */
export function renderTranscript(transcript: string): MessageBody[] {
  if (transcript.length <= TRANSCRIPT_MAX) return codeBlocks(transcript);
  const headEnd = charStart(transcript, TRANSCRIPT_HEAD);
  const tailStart = charStart(transcript, transcript.length - TRANSCRIPT_TAIL);
  const left = (tailStart - headEnd).toLocaleString("en");
  return [
    ...codeBlocks(transcript.slice(0, headEnd)),
    textMessage(`… ${left} characters are left out here …`),
    ...codeBlocks(transcript.slice(tailStart)),
  ];
}

function codeBlocks(text: string): MessageBody[] {
  return splitText(`\`\`\`\n${escapeForCodeBlock(text).trimEnd()}\n\`\`\``).map(textMessage);
}

/** The message that carries a file. */
export function renderFile({ description }: Pick<ReportFile, "description">): MessageBody {
  return textMessage(fitText(description, LINE_MAX));
}

/** Why something that belongs to a report did not reach the requester. */
export interface Missing {
  /** Of a file, or "the full text". */
  name: string;
  reason: "too-large" | "unreadable" | "not-accepted" | "unconfirmed";
  sizeBytes?: number;
}

export interface MissingContext {
  jobId: string;
  attachmentLimitBytes: number;
}

/** Tells the requester what is missing and how to get it. */
export function renderMissing(
  missing: readonly Missing[],
  { jobId, attachmentLimitBytes }: MissingContext,
): MessageBody {
  const lines = missing.map((part) => missingLine(part, attachmentLimitBytes));
  const text = `${lines.join("\n")}\nEverything is kept on the worker as case ${jobId}.`;
  // Showing the result again uploads the same bytes, so the button is no help against a size limit.
  const canRetry = missing.some(({ reason }) => reason !== "too-large");
  return { ...textMessage(text), components: canRetry ? showResult(jobId) : [] };
}

function missingLine({ name, reason, sizeBytes }: Missing, attachmentLimitBytes: number): string {
  const called = fitText(name, LINE_MAX / 3);
  const size = sizeBytes === undefined ? "" : ` (${megabytes(sizeBytes)})`;
  switch (reason) {
    case "too-large":
      return `${called}${size} is missing: Discord did not accept that size. Its limit here is ${megabytes(attachmentLimitBytes)} or less.`;
    case "unreadable":
      return `${called} is missing: the worker could not read it.`;
    case "not-accepted":
      return `${called}${size} is missing: Discord did not accept it. Press "Show result" to try again.`;
    case "unconfirmed":
      return `${called}${size} may be missing: Discord did not confirm it. If you don't see it, press "Show result".`;
  }
}

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** "Your result is ready", without a word about whose: for places where others read along. */
export function renderReady(jobId: string, userId: string): MessageBody {
  return {
    content: `<@${userId}> Your result is ready. Press "Show result" to see it; only you will.`,
    components: showResult(jobId),
    flags: MessageFlags.SuppressEmbeds,
    allowed_mentions: { parse: [], users: [userId] },
  };
}

/** For the requester alone, when Discord did not say whether the report arrived. */
export function renderUnconfirmed(jobId: string): MessageBody {
  const text = `Your result should be above, but Discord did not confirm it. If you don't see it, press "Show result".`;
  return { ...textMessage(text), components: showResult(jobId) };
}

/** One sentence of our own to whoever mentioned the bot. */
export function renderNotice(sentence: string): MessageBody {
  return textMessage(sentence);
}

/** Takes the place of progress that can no longer become the result. */
export function renderMoved(): MessageBody {
  return {
    embeds: [
      {
        title: "The result is in a newer message",
        description: "Discord no longer let this one be edited.",
        color: COLOURS.neutral,
      },
    ],
    components: [],
    allowed_mentions: NO_PINGS,
  };
}

/** The same ending in the fewest words, for when Discord refuses the full one. */
export function renderBareReport(report: Report, { jobId, durationMs }: ReportContext): MessageBody {
  const { outcome, tone, files, buttons, answer } = report;
  return renderReport(
    {
      outcome,
      title: "The report could not be shown",
      tone,
      lead:
        answer === undefined
          ? "Discord refused the message with the report. The files hold all of it."
          : "Discord refused the message with the answer. Ask for it in other words.",
      sections: [],
      files,
      buttons,
    },
    { jobId, durationMs },
  );
}

/** A report as a message of its own, that tells the requester where it is. */
export function addressed(body: MessageBody, userId: string): MessageBody {
  return { ...body, content: `<@${userId}>`, allowed_mentions: { parse: [], users: [userId] } };
}

const showResult = (jobId: string) => renderButtons([{ action: "show-result", caseId: jobId }]);

/** Our own words; `text` is already harmless. Links in it get no preview. */
export function textMessage(text: string): MessageBody {
  return { content: text, flags: MessageFlags.SuppressEmbeds, allowed_mentions: NO_PINGS };
}
