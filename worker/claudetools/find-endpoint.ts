import type { Catalogue, Endpoint, Method } from "../../src/claudetools/catalogue.ts";

export interface FoundEndpoint {
  endpoint: Endpoint;
  /** What stands in the path in place of `{name}`. */
  pathValues: ReadonlyMap<string, string>;
}

/**
 * The endpoint behind a concrete path such as `/api/clients/7`. A slash more or less at the end does not matter: FastAPI
 * sends whoever gets it wrong elsewhere, and redirects are not followed, so the path is built from what is found.
 * Where two fit, the one with fewer parameters does: `/api/tasks/overdue` before `/api/tasks/{task_id}`.
 */
export function findEndpoint(
  { endpoints }: Pick<Catalogue, "endpoints">,
  { method, path }: { method: Method; path: string },
): FoundEndpoint | undefined {
  const given = segments(path);
  return endpoints
    .flatMap((endpoint) => {
      const pathValues =
        endpoint.method === method ? matchSegments(segments(endpoint.path), given) : undefined;
      return pathValues === undefined ? [] : [{ endpoint, pathValues }];
    })
    .toSorted((a, b) => a.pathValues.size - b.pathValues.size)[0];
}

/** The path that the API itself names for these values. */
export function concretePath({ endpoint, pathValues }: FoundEndpoint): string {
  return endpoint.path.replace(PARAMETER, (placeholder, name: string) => pathValues.get(name) ?? placeholder);
}

const PARAMETER = /\{([^/{}]+)\}/g;

function matchSegments(
  template: readonly string[],
  given: readonly string[],
): Map<string, string> | undefined {
  if (template.length !== given.length) return undefined;
  const values = new Map<string, string>();
  for (const [index, segment] of template.entries()) {
    const value = given[index] ?? "";
    const name = /^\{([^/{}]+)\}$/.exec(segment)?.[1];
    if (name === undefined && segment !== value) return undefined;
    if (name !== undefined) values.set(name, value);
  }
  return values;
}

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}
