import { expect, test } from "vitest";
import { namesOnly } from "../../../worker/claudetools/names-only.ts";

const record = { id: 1, name: "Router", password: "canary", extra: { name: "canary" }, tags: ["canary"] };

test.for<[what: string, body: unknown, shown: unknown, hidden: number]>([
  ["a record", record, { id: 1, name: "Router" }, 3],
  [
    "a list",
    [record, record],
    [
      { id: 1, name: "Router" },
      { id: 1, name: "Router" },
    ],
    6,
  ],
  ["a page", { items: [record], total: 1 }, { items: [{ id: 1, name: "Router" }], total: 1 }, 3],
  [
    "a page under the router's name",
    { credentials: [record], skip: 0 },
    { credentials: [{ id: 1, name: "Router" }], skip: 0 },
    3,
  ],
  ["an empty page", { items: [], total: 0 }, { items: [], total: 0 }, 0],
  ["a page with a text beside it", { items: [], note: "canary" }, { items: [] }, 1],
  ["a list of bare values", ["canary", "canary"], [], 2],
  ["a page of bare values", { items: ["canary"], total: 1 }, {}, 2],
  ["a record in a record", { data: record }, {}, 1],
  ["names as keys", { "wifi of Contoso": "canary" }, {}, 1],
  ["an object in place of a name", { id: 1, name: { secret: "canary" } }, { id: 1 }, 1],
  ["a total that is a text", { items: [], total: "canary" }, { items: [] }, 1],
  ["a bare value", "canary", null, 1],
  ["nothing", null, null, 0],
])("of %s only what is listed is left", ([, body, shown, hidden]) => {
  expect(namesOnly(body, ["id", "name"])).toEqual({ value: shown, hiddenCount: hidden });
});
