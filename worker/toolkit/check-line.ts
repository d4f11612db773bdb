import * as z from "zod";
import { AnyCheckId } from "../findings/findings.ts";

const PREFIX = "@check ";

/** One line of progress that a toolkit prints for programs; all other lines are for people. */
const CheckLine = z.object({
  check: AnyCheckId,
  state: z.enum(["waiting", "running", "ok", "failed", "skipped"]),
  records: z.number().int().nonnegative().optional(),
  reason: z.string().optional(),
  durationMs: z.number().nonnegative().optional(),
});
export type CheckLine = z.infer<typeof CheckLine>;

export function renderCheckLine(line: CheckLine): string {
  return PREFIX + JSON.stringify(line);
}

/** `undefined` for a line that is not one of ours, or is broken: it is then shown like any other. */
export function parseCheckLine(line: string): CheckLine | undefined {
  if (!line.startsWith(PREFIX)) return undefined;
  try {
    return CheckLine.safeParse(JSON.parse(line.slice(PREFIX.length))).data;
  } catch {
    return undefined;
  }
}
