import * as z from "zod";
import { AppError } from "../../../src/errors.ts";
import { defineTool, type Tool } from "../../../worker/assistant/tool.ts";

/** Tools of every temper. `ran` gets the name and input of each that was carried out. */
export function testTools(ran: [name: string, input: unknown][] = []): Tool[] {
  return [
    defineTool({
      name: "list_clients",
      description: "All clients whose name contains a text.",
      input: z.object({ name: z.string().min(2).optional() }),
      access: "tech",
      parallel: true,
      target: ({ name }) => name ?? "all clients",
      async run(input) {
        ran.push(["list_clients", input]);
        return { source: "claudetools_api /api/clients", data: [{ id: 7, name: "Contoso" }], count: 1 };
      },
    }),
    defineTool({
      name: "delete_client",
      description: "Deletes a client.",
      input: z.object({ id: z.int() }),
      access: "admin",
      parallel: false,
      target: ({ id }) => `client ${id}`,
      confirm: ({ id }) => `DELETE /api/clients/${id}`,
      async run(input) {
        ran.push(["delete_client", input]);
        return { source: "claudetools_api", data: { deleted: input.id } };
      },
    }),
    defineTool({
      name: "failing",
      description: "Fails with words.",
      input: z.object({}),
      access: "tech",
      parallel: false,
      target: () => "contoso.com",
      run: () => Promise.reject(new AppError("GRAPH_NOT_LICENSED", "Microsoft gave no sign-in log.")),
    }),
    defineTool({
      name: "broken",
      description: "Fails as programs do.",
      input: z.object({}),
      access: "tech",
      parallel: false,
      target: () => "something",
      run: () => Promise.reject(new TypeError("cannot read /etc/secret of undefined")),
    }),
    defineTool({
      name: "export_all",
      description: "Five megabytes.",
      input: z.object({}),
      access: "tech",
      parallel: false,
      target: () => "everything",
      run: async () => ({ source: "export", data: "x".repeat(5_000_000) }),
    }),
  ];
}
