import * as z from "zod";
import { call, type Reply, say } from "./reply.ts";
import type { ClaudeRequest, RequestBlock } from "./request.ts";

/** What a tool answered, with the label around it taken off. */
interface Result {
  isError: boolean;
  data: unknown;
  truncated: string | undefined;
}

type ToolCall = [name: string, input: Record<string, unknown>];

/** A kind of question that the demo understands. */
interface Plan {
  asks: RegExp;
  calls(match: RegExpExecArray): ToolCall[];
  /** @param results - One for each call, in their order. */
  answer(results: Result[], match: RegExpExecArray): string;
}

const UPN = /[\w.+-]+@([\w-]+(?:\.[\w-]+)+)/;

const get = (endpoint: string, params: Record<string, string>): ToolCall => [
  "query_claudetools_api",
  { endpoint, method: "GET", params },
];

const PLANS: Plan[] = [
  {
    asks: /\bopen tasks?\b/i,
    calls: () => [get("/api/tasks", { status: "open", limit: "100" }), get("/api/clients", { limit: "100" })],
    answer: ([tasks, clients]) => openTasks(recordsOf(tasks), recordsOf(clients)),
  },
  {
    asks: /\b(?:close|finish) task (\d+)/i,
    calls: ([, id = ""]) => [
      ["query_claudetools_api", { endpoint: `/api/tasks/${id}`, method: "PUT", body: { status: "done" } }],
    ],
    answer: (_, [, id]) => `Task ${id} is closed (PUT /api/tasks/${id}).`,
  },
  {
    asks: /\b(?:delete|remove) (client|task) (\d+)/i,
    calls: ([, what = "", id = ""]) => [
      ["query_claudetools_api", { endpoint: `/api/${what.toLowerCase()}s/${id}`, method: "DELETE" }],
    ],
    answer: (_, [, what, id]) => `The ${what} ${id} is deleted.`,
  },
  {
    asks: /\bclients?\b/i,
    calls: () => [get("/api/clients", { limit: "100" })],
    answer: ([clients]) => {
      const names = recordsOf(clients).map(nameOf);
      return `There are ${names.length} clients: ${inWords(names)} (GET /api/clients).`;
    },
  },
  {
    asks: new RegExp(
      `(?:breach|compromis|hack|check)[\\s\\S]*?${UPN.source}|${UPN.source}[\\s\\S]*?(?:breach|compromis|hack)`,
      "i",
    ),
    calls: ({ 0: question }) => {
      const [upn = "", tenant = ""] = UPN.exec(question) ?? [];
      return [["run_breach_check", { tenant, upn }]];
    },
    answer: ([report]) => repeatReport(report, "run_breach_check"),
  },
  {
    asks: /\bsweep\b[\s\S]*?\b([\w-]+(?:\.[\w-]+)+)/i,
    calls: ([, tenant = ""]) => [["run_tenant_sweep", { tenant }]],
    answer: ([report]) => repeatReport(report, "run_tenant_sweep"),
  },
];

const HELP = `This is the demo: a script answers in Claude's place, so it understands only a few questions.
- which clients have open tasks?
- is adele@contoso.com compromised?
- sweep contoso.com
- close task 3
With ANTHROPIC_API_KEY set, the real Claude answers.`;

/** A model for the demo. It uses the three tools for a handful of questions, and says nothing that is not in their results. */
export function demoBrain({ messages, tools = [], output_config }: ClaudeRequest): Reply {
  if (output_config?.format) return say(JSON.stringify({ sentences: explain(messages) }));
  const question = lastQuestion(messages);
  const [plan, match] = planFor(question);
  if (plan === undefined || match === undefined) return say(HELP);

  const results = (messages.at(-1)?.content ?? []).flatMap(readResult);
  if (results.length > 0) {
    const failed = results.find(({ isError }) => isError);
    if (failed) return say(`That did not work: ${messageOf(failed.data)}`);
    const gap = results.find(({ truncated }) => truncated !== undefined)?.truncated;
    return say(plan.answer(results, match) + (gap === undefined ? "" : ` Not everything was seen. ${gap}`));
  }
  const calls = plan.calls(match);
  const missing = calls.find(([name]) => !tools.some((tool) => tool.name === name));
  return missing ? say(`I have no tool for that here (${missing[0]}).`) : call(...calls);
}

const Findings = z.object({
  data: z.object({
    findings: z.array(z.object({ id: z.string(), severity: z.string(), title: z.string() })),
  }),
});

/** For the explanation after a check: the gravest findings, one after the other. */
function explain(messages: ClaudeRequest["messages"]) {
  const [block] = messages.at(-1)?.content ?? [];
  const text = block?.type === "text" ? block.text : "";
  const grave = Findings.parse(JSON.parse(text)).data.findings.slice(0, 3);
  return grave.map(({ id, severity, title }, index) => ({
    text: `${index === 0 ? "Look first at this" : "Then at this"}, of severity ${severity}: ${title}.`,
    finding_ids: [id],
  }));
}

function planFor(question: string): [Plan, RegExpExecArray] | [] {
  for (const plan of PLANS) {
    const match = plan.asks.exec(question);
    if (match) return [plan, match];
  }
  return [];
}

/** The newest text of the person, after the line that says who asks. */
function lastQuestion(messages: ClaudeRequest["messages"]): string {
  const texts = messages.flatMap(({ role, content }) =>
    role === "user" ? content.flatMap((block) => (block.type === "text" ? [block.text] : [])) : [],
  );
  return (texts.at(-1) ?? "").replace(/^\{.*\}\n\n/, "");
}

const Labelled = z.object({ data: z.unknown(), truncated: z.string().optional() });

function readResult(block: RequestBlock): Result[] {
  if (block.type !== "tool_result") return [];
  const { data, truncated } = Labelled.parse(JSON.parse(String(block.content)));
  return [{ isError: block.is_error === true, data, truncated }];
}

const Row = z.looseObject({});
type Row = z.infer<typeof Row>;

/** The API answers with a list, or with an object that holds one beside its counts. */
function recordsOf(result: Result | undefined): Row[] {
  const { data } = result ?? {};
  const lists = [data, ...Object.values(Row.safeParse(data).data ?? {})].filter(Array.isArray);
  return z.array(Row).safeParse(lists[0]).data ?? [];
}

function nameOf({ name, title, id }: Row): string {
  return String(name ?? title ?? `number ${id}`);
}

function openTasks(tasks: Row[], clients: Row[]): string {
  if (tasks.length === 0) return "No client has an open task (GET /api/tasks).";
  const names = new Map(clients.map((client) => [client.id, nameOf(client)]));
  const byClient = new Map<string, string[]>();
  for (const task of tasks) {
    const client = names.get(task.client_id) ?? `client ${task.client_id}`;
    byClient.set(client, [...(byClient.get(client) ?? []), nameOf(task)]);
  }
  const lines = [...byClient].map(([client, own]) => `- **${client}**: ${inWords(own)}`);
  const count = byClient.size === 1 ? "1 client has" : `${byClient.size} clients have`;
  return `${count} open tasks (GET /api/tasks):\n${lines.join("\n")}`;
}

function inWords(names: string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

const Report = z.object({
  verdict: z.string().optional(),
  title: z.string().optional(),
  lead: z.string().optional(),
});

/** Word for word: a model must not change a verdict. */
function repeatReport(result: Result | undefined, tool: string): string {
  const { verdict, title, lead } = Report.safeParse(result?.data).data ?? {};
  // The title begins with the verdict.
  const parts = [(title ?? verdict) && `**${title ?? verdict}.**`, lead].filter(
    (part) => part !== undefined && part !== "",
  );
  return parts.length === 0
    ? `The check ended (${tool}); its report stands above.`
    : `${parts.join(" ")} (${tool})`;
}

function messageOf(data: unknown): string {
  const Failure = z.object({ error: z.object({ message: z.string() }) });
  return Failure.safeParse(data).data?.error.message ?? "the tool gave no reason.";
}
