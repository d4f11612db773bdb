import type { Origin } from "../../src/jobs/contract.ts";
import type { Log } from "../../src/log.ts";
import type { Store } from "../../src/store/store.ts";
import type { Discord } from "./api.ts";
import { originalOfMessage } from "./message-original.ts";
import { type Original, originalOfInteraction } from "./original.ts";

export type OpenOriginal = (origin: Origin, options: { log: Log }) => Original;

/** The one place that asks what kind of request a job came from. */
export function createOpenOriginal({ discord, store }: { discord: Discord; store: Store }): OpenOriginal {
  return (origin, { log }) =>
    "interactionToken" in origin
      ? originalOfInteraction(origin, { discord })
      : originalOfMessage(origin, { discord, store, log });
}
