import { AppError } from "../../src/errors.ts";
import type { Handler } from "./handler.ts";

/** Questions in an installation that has no model to put them to. */
export function createAskUnavailable(): Handler<"ask"> {
  return {
    access: "tech",
    async run() {
      throw new AppError(
        "ASSISTANT_OFF",
        "No assistant is set up here, so questions in plain words are not answered. Use the slash commands.",
      );
    },
  };
}
