import { readFile } from "node:fs/promises";
import { coerceError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Report } from "../report.ts";
import { renderAnswer } from "./answer.ts";
import type { Attempt, Upload } from "./api.ts";
import { type MessageBody, PICTURE_NAME, type ReportContext, renderReport } from "./render.ts";

/** The report's picture, ready to be sent: one or none. A picture that cannot be read costs no report. */
export async function readPicture({ picture }: Report, log: Log): Promise<Upload[]> {
  if (picture === undefined) return [];
  try {
    const bytes = await readFile(picture.path);
    return [
      { name: PICTURE_NAME, description: picture.alt.slice(0, ALT_MAX), bytes, contentType: "image/png" },
    ];
  } catch (thrown) {
    log.warn({ err: coerceError(thrown) }, "a report's picture cannot be read");
    return [];
  }
}
/** @see https://discord.com/developers/docs/resources/message#attachment-object */
const ALT_MAX = 1024;

/**
 * Sends a report with its picture, and where Discord doesn't take that, without it and saying so.
 * @param pictures - What `readPicture` gave.
 * @param send - May be called twice; the first message then does not exist, because Discord said no to it.
 */
export async function sendReport(
  report: Report,
  { pictures, ...context }: ReportContext & { pictures: readonly Upload[] },
  send: (body: MessageBody, files: readonly Upload[]) => Promise<Attempt>,
): Promise<Attempt> {
  if (pictures.length > 0) {
    const attempt = await send(renderReport(report, context), pictures);
    // Too large for this place, or files are not allowed in it.
    if (attempt.kind !== "too-large" && attempt.kind !== "refused") return attempt;
  }
  const { answer } = report;
  if (answer !== undefined) return send(renderAnswer({ ...report, answer }, context)[0], []);
  return send(renderReport(withoutPicture(report), context), []);
}

function withoutPicture({ picture, ...report }: Report): Report {
  if (picture === undefined) return report;
  const line = "The timeline cannot be shown here; it stands in report.html of the case file.";
  return { ...report, sections: [...report.sections, { heading: "Picture", lines: [line] }] };
}
