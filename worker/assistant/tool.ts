import * as z from "zod";
import type { Level } from "../../src/access.ts";
import { strip } from "./untrusted.ts";

interface ToolContext {
  /** Aborted by Stop, by the wall clock and when the process ends. A tool then rejects; one that does not is no longer waited for. */
  signal: AbortSignal;
  /** Shown beside the tool while it runs. */
  progress(text: string): void;
}

interface ToolOutput {
  /** Where the data is from, for the label around it: `claudetools_api /api/clients`. */
  source: string;
  /** Plain JSON. It is labelled, cleaned, redacted and cut before the model sees it. */
  data: unknown;
  /** Records found, if that can be said. */
  count?: number;
}

interface ToolDefinition<Schema extends z.ZodObject> {
  /** `[a-zA-Z0-9_-]{1,128}` */
  name: string;
  /** For the model: what it does, what it returns, when not to use it. The same for everybody, since it is cached. */
  description: string;
  input: Schema;
  /** Who may. Others neither see the tool nor can call it. */
  access: Level;
  /** Only reads, so that several calls may run side by side. */
  parallel: boolean;
  /** What a call works on, for the row in Discord: `adele@contoso.com`. */
  target(input: z.output<Schema>): string;
  /**
   * The exact call for a person to approve, or `undefined` if it may run at once. Depends on nothing but `input`. With everything that is in it:
   * whoever shows it names the characters that can't be seen (`escapeForCodeBlock`).
   */
  confirm?(input: z.output<Schema>): string | undefined;
  /** @throws {AppError} whose text the model reads; of any other error it only learns that there was one. */
  run(input: z.output<Schema>, context: ToolContext): Promise<ToolOutput>;
}

/** A call that passed validation, with everything that can be said about it before it runs. */
export interface ReadyCall {
  target: string;
  /** What a person has to approve first, if anything. */
  prompt: string | undefined;
  run(context: ToolContext): Promise<ToolOutput>;
}

/** A tool as the loop sees it: nothing reaches `run` without having been validated. */
export interface Tool {
  name: string;
  description: string;
  inputSchema: z.core.JSONSchema.BaseSchema & { type: "object" };
  access: Level;
  parallel: boolean;
  /** @param input - As the model sent it. */
  prepare(input: unknown): { kind: "ready"; call: ReadyCall } | { kind: "invalid"; problem: string };
}

const TARGET_MAX = 120;

export function defineTool<Schema extends z.ZodObject>(definition: ToolDefinition<Schema>): Tool {
  const { name, description, access, parallel } = definition;
  return {
    ...{ name, description, access, parallel },
    // As input: a field with a default may be left out.
    inputSchema: {
      ...z.toJSONSchema(definition.input, { io: "input" }),
      ...{ type: "object", additionalProperties: false },
    },
    prepare(raw) {
      const result = definition.input.safeParse(raw);
      if (!result.success) return { kind: "invalid", problem: z.prettifyError(result.error) };
      const input = result.data;
      return {
        kind: "ready",
        call: {
          target: strip(definition.target(input)).slice(0, TARGET_MAX),
          prompt: definition.confirm?.(input),
          run: (context) => definition.run(input, context),
        },
      };
    },
  };
}

/** The tools that `level` may use, in an order that is always the same, since the prompt cache begins with them. */
export function toolsFor(level: Level, tools: readonly Tool[]): Tool[] {
  return tools.filter((tool) => mayUse(level, tool)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function mayUse(level: Level, { access }: Pick<Tool, "access">): boolean {
  return access === "tech" || level === "admin";
}
