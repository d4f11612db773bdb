import type { Level } from "../../src/access.ts";
import type { Method } from "../../src/claudetools/catalogue.ts";
import { ROUTES, type RouteRule } from "./routes.ts";

interface RouteRequest {
  method: Method;
  /** The path alone, without a query, as a person or a model wrote it. */
  path: string;
}

interface RoutePolicy {
  /** `CLAUDETOOLS_API_URL`. */
  origin: string;
  /** Of whoever asks. */
  level: Level;
}

/** `url` has exactly the configured origin and a path of the table. `reason` is for whoever asks. */
export type RouteVerdict =
  | { kind: "allowed"; url: URL; rule: RouteRule }
  | { kind: "refused"; code: RouteRefusal; reason: string };

type RouteRefusal =
  | "PATH_INVALID"
  | "ROUTE_WRONG_CASE"
  | "ROUTE_NOT_LISTED"
  | "METHOD_NOT_LISTED"
  | "NOT_ADMIN";

/**
 * Whether this call may be made at all: complete mediation, before anything else looks at it. The path is taken apart,
 * not compared as text, and no character is let through that URL parsers, proxies and servers read differently.
 */
export function checkRoute({ method, path }: RouteRequest, { origin, level }: RoutePolicy): RouteVerdict {
  if (path.length > MAX_PATH_LENGTH || !PATH.test(path)) {
    return refused(
      "PATH_INVALID",
      "Expected a path of the API such as /api/clients or /api/clients/7: letters, digits, dots, hyphens and underscores between slashes. Nothing was sent.",
    );
  }
  const area = findArea(path);
  if (findArea(path.toLowerCase()) !== area) {
    return refused(
      "ROUTE_WRONG_CASE",
      `The API's paths are written in lower case: try ${path.toLowerCase()}. Nothing was sent.`,
    );
  }
  if (area === undefined) {
    return refused("ROUTE_NOT_LISTED", `${path} is not among the endpoints that the bot may call.`);
  }
  const rule = ROUTES.find((row) => row.path === area.path && row.methods.includes(method));
  if (rule === undefined) {
    return refused("METHOD_NOT_LISTED", methodNotListed(method, path, area));
  }
  if (rule.level === "admin" && level !== "admin") {
    return refused(
      "NOT_ADMIN",
      `Only administrators of the bot may send ${method} ${path}. Ask one of them.`,
    );
  }
  return { kind: "allowed", url: new URL(path, origin), rule };
}

const MAX_PATH_LENGTH = 300;
/** One segment of a path. None begins with a dot, so there is no `.` and no `..`; none is encoded. */
export const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
// One slash at the end is allowed, since FastAPI serves many routes so.
const PATH = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,12}\/?$/;

function findArea(path: string): RouteRule | undefined {
  const segments = path.split("/").filter((segment) => segment !== "");
  return ROUTES.find((row) => fits(row.path.split("/").slice(1), segments));
}

function fits([first, ...rest]: string[], segments: string[]): boolean {
  if (first === undefined) return segments.length === 0;
  if (first === "**") return segments.some((_, index) => fits(rest, segments.slice(index))) || fits(rest, []);
  const [segment] = segments;
  return segment !== undefined && first === segment && fits(rest, segments.slice(1));
}

function methodNotListed(method: Method, path: string, area: RouteRule): string {
  if (area.methods.length === 0) {
    return `${path} hands out secrets in clear, so the bot never calls it. Look it up in ClaudeTools itself.`;
  }
  const secrets =
    area.onlyFields === undefined ? "" : " It holds secrets, and those do not pass through Discord.";
  return `The bot may not send ${method} to ${path}.${secrets} Use ClaudeTools itself for that.`;
}

function refused(code: RouteRefusal, reason: string): RouteVerdict {
  return { kind: "refused", code, reason };
}
