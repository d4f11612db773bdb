import fc from "fast-check";
import { expect, test } from "vitest";
import type { Endpoint } from "../../../src/claudetools/catalogue.ts";
import { editDistance, nearestEndpoints, rankEndpoints } from "../../../src/claudetools/rank-endpoints.ts";

function endpoint(line: string, { summary = "", level = "tech" as Endpoint["level"] } = {}): Endpoint {
  const [method = "", path = ""] = line.split(" ");
  return { method: method as Endpoint["method"], path, summary, level, parameters: [] };
}

const catalogue = {
  endpoints: [
    endpoint("GET /api/clients/{client_id}/sites", { summary: "Get Client Sites" }),
    endpoint("GET /api/sites", { summary: "List Sites" }),
    endpoint("POST /api/clients", { summary: "Create Client", level: "admin" }),
    endpoint("GET /api/clients", { summary: "List Clients" }),
    endpoint("GET /api/clients/{client_id}", { summary: "Get Client" }),
    endpoint("GET /api/m365-tenants", { summary: "List Microsoft 365 tenants" }),
    endpoint("GET /api/tasks/overdue", { summary: "List Overdue Tasks" }),
    endpoint("GET /api/tags/", { summary: "List Tags" }),
  ],
};

const asTech = { level: "tech" } as const;
const lines = (endpoints: Endpoint[]) => endpoints.map(({ method, path }) => `${method} ${path}`);

test.for<[query: string, first: string]>([
  ["/api/clients", "GET /api/clients"],
  ["clients", "GET /api/clients"],
  ["CLIENTS", "GET /api/clients"],
  [" clients ", "GET /api/clients"],
  ["api/sites", "GET /api/sites"],
  ["sites", "GET /api/sites"],
  ["overdue", "GET /api/tasks/overdue"],
  ["microsoft", "GET /api/m365-tenants"],
  ["365 list", "GET /api/m365-tenants"],
  ["client sites", "GET /api/clients/{client_id}/sites"],
  ["clstes", "GET /api/clients/{client_id}/sites"],
  ["/api/tags", "GET /api/tags/"],
])("%j finds %s first", ([query, first]) => {
  expect(lines(rankEndpoints(query, catalogue, asTech))[0]).toBe(first);
});

test("nothing typed shows the short paths first", () => {
  expect(lines(rankEndpoints("", catalogue, asTech))).toEqual([
    "GET /api/clients",
    "GET /api/m365-tenants",
    "GET /api/sites",
    "GET /api/tags/",
    "GET /api/clients/{client_id}",
    "GET /api/tasks/overdue",
    "GET /api/clients/{client_id}/sites",
  ]);
});

test("what fits nowhere finds nothing", () => {
  expect(rankEndpoints("zzz", catalogue, asTech)).toEqual([]);
});

test("a technician sees no endpoint of administrators, who see both", () => {
  expect(lines(rankEndpoints("/api/clients", catalogue, asTech))).not.toContain("POST /api/clients");
  expect(lines(rankEndpoints("/api/clients", catalogue, { level: "admin" }))).toContain("POST /api/clients");
});

test("a chosen method leaves the others out", () => {
  expect(lines(rankEndpoints("", catalogue, { level: "admin", method: "POST" }))).toEqual([
    "POST /api/clients",
  ]);
});

test("25 at most, whatever is typed", () => {
  const many = { endpoints: Array.from({ length: 90 }, (_, index) => endpoint(`GET /api/x${index}`)) };
  expect(rankEndpoints("x", many, asTech)).toHaveLength(25);
  fc.assert(fc.property(fc.string(), (query) => rankEndpoints(query, many, asTech).length <= 25));
});

test.for<[typed: string, nearest: string[]]>([
  ["/api/clinets", ["/api/clients"]],
  ["/api/client", ["/api/clients"]],
  ["/clients", ["/api/clients"]],
  ["/api/clinets/7", ["/api/clients/{client_id}"]],
  ["/api/m365tenants", ["/api/m365-tenants"]],
  ["/api/tasks/overdu", ["/api/tasks/overdue"]],
  ["/api/completely/else", []],
])("%s was meant to be %j", ([typed, nearest]) => {
  expect(nearestEndpoints(typed, catalogue, asTech).slice(0, Math.max(1, nearest.length))).toEqual(nearest);
});

test("nothing is suggested that the caller may not call", () => {
  expect(
    nearestEndpoints(
      "/api/clinets",
      { endpoints: [endpoint("GET /api/clients", { level: "admin" })] },
      asTech,
    ),
  ).toEqual([]);
});

test.for<[a: string, b: string, distance: number]>([
  ["", "", 0],
  ["clients", "clients", 0],
  ["clinets", "clients", 1],
  ["client", "clients", 1],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
])("from %j to %j it is %i", ([a, b, distance]) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});
