import { expect, test } from "vitest";
import * as z from "zod";
import { createAssistant } from "../../../worker/assistant/assistant.ts";
import { defineTool } from "../../../worker/assistant/tool.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";
import { collectLog } from "../../log.ts";
import { LIMITS } from "../../worker/assistant/limits.ts";
import { startAnthropic } from "../anthropic.ts";
import { demoBrain } from "./demo-brain.ts";

const jobs = useEmbeddedJobs();
let count = 0;

const query = z.object({
  endpoint: z.string(),
  method: z.string(),
  params: z.record(z.string(), z.string()).optional(),
  body: z.looseObject({}).optional(),
});

/** The three tools with answers as the real ones give them. */
function demoTools(answers: Record<string, unknown>) {
  const define = (name: string, input: z.ZodObject) =>
    defineTool({
      ...{ name, description: name, input, access: "tech", parallel: true },
      target: () => name,
      async run(raw) {
        const { endpoint } = z.looseObject({ endpoint: z.string().optional() }).parse(raw);
        return { source: name, data: answers[endpoint ?? name] };
      },
    });
  return [
    define("query_claudetools_api", query),
    define("run_breach_check", z.object({ tenant: z.string(), upn: z.string() })),
    define("run_tenant_sweep", z.object({ tenant: z.string() })),
  ];
}

async function ask(text: string, answers: Record<string, unknown>, tools = demoTools(answers)) {
  const claude = await startAnthropic({ brain: demoBrain });
  const { apiKey, url: baseURL } = claude;
  const assistant = createAssistant({
    ...{ apiKey, baseURL, store: jobs().store, log: collectLog().log, limits: LIMITS },
  });
  const asker = { userId: "1", guildId: "2", name: "Jo", level: "tech" } as const;
  const { outcome } = await assistant.ask(
    { text, threadKey: `demo-${++count}`, asker },
    { tools, emit: () => undefined, signal: new AbortController().signal },
  );
  const asked = claude.requests.at(-1)?.body.messages.at(-2)?.content ?? [];
  await claude.close();
  expect(claude.violations).toEqual([]);
  return {
    text: outcome.kind === "done" ? outcome.text : outcome.kind,
    calls: asked.flatMap((block) => (block.type === "tool_use" ? [block.input] : [])),
  };
}

const clients = {
  total: 2,
  clients: [
    { id: 1, name: "Contoso Ltd" },
    { id: 2, name: "Litware" },
  ],
};

test.for<[question: string, answers: Record<string, unknown>, text: string, calls: object[]]>([
  [
    "which clients have open tasks?",
    {
      "/api/tasks": { total: 1, tasks: [{ id: 5, client_id: 1, title: "Renew the certificate" }] },
      "/api/clients": clients,
    },
    "1 client has open tasks (GET /api/tasks):\n- **Contoso Ltd**: Renew the certificate",
    [{ endpoint: "/api/tasks", params: { status: "open" } }, { endpoint: "/api/clients" }],
  ],
  [
    "any open tasks?",
    { "/api/tasks": [], "/api/clients": [] },
    "No client has an open task (GET /api/tasks).",
    [{}, {}],
  ],
  [
    "@ClaudeTools check adele@contoso.com for breach",
    { run_breach_check: { verdict: "Likely", lead: "Two findings." } },
    "**Likely.** Two findings. (run_breach_check)",
    [{ tenant: "contoso.com", upn: "adele@contoso.com" }],
  ],
  [
    "sweep contoso.com",
    { run_tenant_sweep: { title: "4 accounts" } },
    "**4 accounts.** (run_tenant_sweep)",
    [{ tenant: "contoso.com" }],
  ],
  [
    "delete client 7",
    { "/api/clients/7": {} },
    "The client 7 is deleted.",
    [{ endpoint: "/api/clients/7", method: "DELETE" }],
  ],
  ["how is the weather?", {}, "This is the demo", []],
])("%s", async ([question, answers, text, calls]) => {
  const answer = await ask(question, answers);
  expect(answer.text).toContain(text);
  expect(answer.calls).toMatchObject(calls);
});

test("a failed tool is told, and a missing one too", async () => {
  const broken = demoTools({}).map((tool) => ({
    ...tool,
    prepare: () => ({ kind: "invalid" as const, problem: "No such tenant." }),
  }));
  expect((await ask("sweep contoso.com", {}, broken)).text).toBe("That did not work: No such tenant.");
  expect((await ask("sweep contoso.com", {}, [])).text).toBe(
    "I have no tool for that here (run_tenant_sweep).",
  );
});
