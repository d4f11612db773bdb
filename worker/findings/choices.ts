import type { Choices } from "../report.ts";
import { bySeverity } from "./finding.ts";
import type { FindingsDocument } from "./findings.ts";
import { severityWords } from "./words.ts";

/** @see https://discord.com/developers/docs/components/reference#string-select */
const MAX_OPTIONS = 25;

/** The findings to choose one of, the gravest first; `undefined` without findings. */
export function choicesOf({ findings }: FindingsDocument, caseId: string): Choices | undefined {
  if (findings.length === 0) return undefined;
  const options = [...findings].sort(bySeverity).map(({ id, severity, title, why }) => ({
    label: `${severityWords[severity]}: ${title}`,
    description: why,
    value: id,
  }));
  const shown = options.slice(0, MAX_OPTIONS);
  return {
    action: "finding",
    caseId,
    prompt:
      shown.length === options.length
        ? "Open a finding"
        : `Open a finding (the gravest ${shown.length} of ${options.length}; the rest is in the case file)`,
    options: shown,
  };
}
