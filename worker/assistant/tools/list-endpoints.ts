import * as z from "zod";
import { rankEndpoints } from "../../../src/claudetools/rank-endpoints.ts";
import type { CatalogueSource } from "../../claudetools/catalogue-source.ts";
import { defineTool, type Tool } from "../tool.ts";
import { onRecord, type Scope } from "./scope.ts";

const NAME = "list_endpoints";

/** What ClaudeTools can be asked, as far as the person may. */
export function listEndpoints(scope: Scope, catalogue: CatalogueSource): Tool {
  return defineTool({
    name: NAME,
    description:
      "Finds endpoints of the ClaudeTools API for query_claudetools_api: method, path, what it does, parameters. At most 25, the best first.",
    input: z.object({
      search: z
        .string()
        .max(100)
        .default("")
        .describe("Words of the path or of what it does, such as: open tasks"),
    }),
    access: "tech",
    parallel: true,
    target: ({ search }) => search,
    run: ({ search }, { signal }) =>
      onRecord(scope, { name: NAME, args: { search } }, signal, async () => {
        const state = await catalogue.current(signal);
        if (state.kind === "none") throw state.problem;
        const { level } = scope;
        const all = rankEndpoints(search, state.catalogue, { level });
        // A phrase finds nothing where each of its words would.
        const words = search.split(/\s+/).filter((word) => word.length > 2);
        const found =
          all.length > 0 ? all : words.flatMap((word) => rankEndpoints(word, state.catalogue, { level }));
        const data = [...new Set(found)].slice(0, 25).map(({ method, path, summary, parameters }) => ({
          ...{ method, path, summary },
          parameters: parameters.map(({ name, required }) => (required ? `${name} (required)` : name)),
        }));
        return { source: "claudetools_api catalogue", data, count: data.length };
      }),
  });
}
