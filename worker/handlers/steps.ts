import { checkTitles } from "../findings/findings.ts";
import type { Progress, Step } from "../report.ts";
import { type CheckLine, parseCheckLine } from "../toolkit/check-line.ts";

export interface Steps {
  /** Begins a step, or says something new about it. */
  start(label: string, detail?: string): void;
  end(label: string, state: "ok" | "failed" | "skipped", detail?: string): void;
  drop(label: string): void;
  /** A line that a script printed: a check's progress, or words that stand beside the step `scriptLabel`. */
  line(text: string): void;
}

/** The live list under "thinking…", in the order in which the steps came up. */
export function createSteps(
  title: string,
  { show, now, scriptLabel }: { show: (progress: Progress) => void; now: () => number; scriptLabel: string },
): Steps {
  const steps = new Map<string, Step & { startedAt: number }>();

  function put(label: string, change: Partial<Step> & Pick<Step, "state">): void {
    const { startedAt = now(), ...before } = steps.get(label) ?? { label };
    steps.set(label, { ...before, label, ...change, startedAt });
    show({ title, steps: [...steps.values()].map(({ startedAt: _, ...step }) => step) });
  }

  function putCheck({ check, state, records, reason, durationMs }: CheckLine): void {
    const detail = reason ?? (records === undefined ? undefined : `${records} records`);
    put(checkTitles[check], {
      state,
      ...(detail === undefined ? {} : { detail }),
      ...(durationMs === undefined ? {} : { durationMs }),
    });
  }

  return {
    start: (label, detail) => put(label, { state: "running", ...(detail === undefined ? {} : { detail }) }),
    end(label, state, detail) {
      const durationMs = now() - (steps.get(label)?.startedAt ?? now());
      put(label, { state, durationMs, ...(detail === undefined ? {} : { detail }) });
    },
    drop: (label) => void steps.delete(label),
    line(text) {
      const checkLine = parseCheckLine(text);
      if (checkLine) putCheck(checkLine);
      else if (text.trim() !== "") put(scriptLabel, { state: "running", detail: text.trim() });
    },
  };
}
