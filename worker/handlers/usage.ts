import type { Assistant } from "../assistant/assistant.ts";
import type { Handler } from "./handler.ts";

type Summary = Awaited<ReturnType<Assistant["usage"]>>;

/** `/usage`: what the assistant has cost today, and what is left. */
export function createUsage({ assistant }: { assistant: Assistant }): Handler<"usage"> {
  return {
    access: "tech",
    async run(_, { job }) {
      const { userId, guildId } = job.interaction;
      const summary = await assistant.usage({ userId, guildId });
      const resets = new Date(summary.resetsAt).toISOString().slice(0, 16).replace("T", " ");
      return {
        outcome: "Done",
        title: "The assistant's budget today",
        tone: "neutral",
        lead: `It starts anew at ${resets} UTC.${summary.isEstimate ? " Some of it is an estimate: the price of a model is not known." : ""}`,
        sections: [
          { heading: "You", lines: linesOf(summary.user) },
          { heading: "The team", lines: linesOf(summary.guild) },
        ],
        files: [],
        buttons: [],
      };
    },
  };
}

function linesOf({ cents, tokens, limit }: Summary["user"]): string[] {
  const dollars = (amount: number) => `$${(amount / 100).toFixed(2)}`;
  const number = (amount: number) => amount.toLocaleString("en");
  return [
    `${dollars(cents)} of ${dollars(limit.cents)}`,
    `${number(tokens)} of ${number(limit.tokens)} tokens`,
  ];
}
