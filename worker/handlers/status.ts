import { type Condition, type Probe, probe } from "../ops/probe.ts";
import type { Report } from "../report.ts";
import type { Handler } from "./handler.ts";

const SIGNS: Record<Condition["state"], string> = { ok: "🟢", warning: "🟡", down: "🔴", off: "⚪" };

/** `/status`: every probe at once, each on its own; one line with state, figure and what to do. */
export function createStatus({ probes }: { probes: readonly Probe[] }): Handler<"status"> {
  return {
    access: "tech",
    async run(_, { signal }) {
      const seen = await Promise.all(
        probes.map(async (each) => ({ name: each.name, ...(await probe(each, { signal })) })),
      );
      signal.throwIfAborted();
      return reportOf(seen);
    },
  };
}

function reportOf(seen: readonly ({ name: string } & Condition)[]): Report {
  const down = seen.filter(({ state }) => state === "down").map(({ name }) => name);
  const doubtful = seen.filter(({ state }) => state === "warning").map(({ name }) => name);
  return {
    outcome: "Done",
    title: down.length > 0 ? `Down: ${down.join(", ")}` : "The bot is working",
    tone: down.length > 0 ? "critical" : doubtful.length > 0 ? "warning" : "good",
    lead:
      doubtful.length > 0
        ? `Needs a look: ${doubtful.join(", ")}.`
        : "Webhook, queue and worker are up: this answer came through all of them.",
    // An embed's field holds some fifteen lines; what needs somebody comes first and is never the part that is cut.
    sections: [
      { heading: "Needs a look", lines: seen.filter(isWrong).map(lineOf) },
      { heading: "In order", lines: seen.filter((each) => !isWrong(each)).map(lineOf) },
    ].filter(({ lines }) => lines.length > 0),
    files: [],
    buttons: [],
  };
}

const isWrong = ({ state }: Condition) => state === "down" || state === "warning";

function lineOf({ name, state, figure, advice }: { name: string } & Condition): string {
  return `${SIGNS[state]} ${name}: ${figure}.${advice === undefined ? "" : ` ${advice}`}`;
}
