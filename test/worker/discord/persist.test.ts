import { expect, test } from "vitest";
import type { Attempt } from "../../../worker/discord/api.ts";
import { persist } from "../../../worker/discord/persist.ts";

const reason = "because";
const sent: Attempt = { kind: "sent" };
const notYet: Attempt = { kind: "unknown-webhook", reason };
const refused: Attempt = { kind: "refused", reason };
const notSent: Attempt = { kind: "unreachable", perhapsDone: false, reason };
const perhaps: Attempt = { kind: "unreachable", perhapsDone: true, reason };
const limited: Attempt = { kind: "rate-limited", retryAfterMs: 1, reason };

test.for<[title: string, answers: Attempt[], idempotent: boolean, kind: Attempt["kind"], requests: number]>([
  ["what is sent is not repeated", [sent, sent], true, "sent", 1],
  ["what is refused is not repeated", [refused, sent], true, "refused", 1],
  ["a webhook that is not there yet is asked again", [notYet, notYet, sent], true, "sent", 3],
  [
    "a webhook that never comes is asked three times",
    [notYet, notYet, notYet, sent],
    true,
    "unknown-webhook",
    3,
  ],
  ["what nobody took is repeated", [notSent, perhaps, sent], true, "sent", 3],
  ["what can't be done twice is repeated if it was not sent", [notSent, sent], false, "sent", 2],
  ["what can't be done twice ends where it may be done", [notSent, perhaps, sent], false, "unreachable", 2],
  [
    "a rate limit is waited for, whatever may be done twice",
    [limited, limited, limited, sent],
    false,
    "sent",
    4,
  ],
])("%s", async ([, answers, idempotent, kind, requests]) => {
  let asked = 0;
  const attempt = await persist(async () => answers[asked++] ?? sent, {
    unknownWebhookMs: [1, 1],
    unreachableMs: [1, 1],
    until: performance.now() + 60_000,
    idempotent,
  });
  expect([attempt.kind, asked]).toEqual([kind, requests]);
});

test("what may have happened once is not forgotten by a later attempt that was not sent", async () => {
  const answers = [perhaps, notSent];
  const options = {
    unknownWebhookMs: [],
    unreachableMs: [1],
    until: Number.POSITIVE_INFINITY,
    idempotent: true,
  };
  expect(await persist(async () => answers.shift() ?? sent, options)).toMatchObject({ perhapsDone: true });
});

test("nothing is begun anew after the patience has ended", async () => {
  const options = { unknownWebhookMs: [50], unreachableMs: [50], until: performance.now(), idempotent: true };
  expect(await persist(async () => notYet, options)).toEqual(notYet);
  const forever: Attempt = { kind: "rate-limited", retryAfterMs: Number.POSITIVE_INFINITY, reason };
  expect(await persist(async () => forever, { ...options, until: performance.now() + 60_000 })).toEqual(
    forever,
  );
});
