import { type Field, idName, listPath, ROUTERS, type Router } from "./routers.ts";

type Json = Record<string, unknown>;

/** The routes beside those that every router has. */
const EXTRA: readonly [method: string, path: string, summary: string, tag: string][] = [
  ["get", "/api/health", "Health", "health"],
  ["post", "/api/auth/token", "Login For Access Token", "auth"],
  ["get", "/api/clients/{client_id}/sites", "Get Client Sites", "clients"],
  ["get", "/api/clients/{client_id}/sessions", "Get Client Sessions", "clients"],
  ["get", "/api/clients/{client_id}/infrastructure", "Get Client Infrastructure", "clients"],
  ["get", "/api/clients/{client_id}/credentials", "Get Client Credentials", "clients"],
  ["get", "/api/tasks/overdue", "List Overdue Tasks", "tasks"],
  ["get", "/api/credentials/{credential_id}/decrypted", "Get Decrypted Credential", "credentials"],
];

/** The document as FastAPI 0.115 writes it for these routers. */
export function createOpenApi() {
  const paths: Record<string, Json> = {};
  const add = (path: string, method: string, operation: Json) => {
    paths[path] = { ...paths[path], [method]: operation };
  };
  for (const router of ROUTERS) {
    const { name, model } = router;
    const one = `/api/${name}/{${idName(router)}}`;
    const id = { name: idName(router), in: "path", required: true, schema: { type: "integer", title: "Id" } };
    add(
      listPath(router),
      "get",
      operation(`List ${model}s`, name, [...paging(), ...filters(router)], listOf(router)),
    );
    add(one, "get", operation(`Get ${model}`, name, [id], reference(`${model}Response`)));
    if (router.isReadOnly) continue;
    const body = (suffix: string) => ({
      requestBody: {
        required: true,
        content: { "application/json": { schema: reference(`${model}${suffix}`) } },
      },
    });
    const answer = reference(`${model}Response`);
    add(listPath(router), "post", {
      ...operation(`Create ${model}`, name, [], answer, 201),
      ...body("Create"),
    });
    add(one, "put", { ...operation(`Update ${model}`, name, [id], answer), ...body("Update") });
    if (router.isPatchable)
      add(one, "patch", { ...operation(`Patch ${model}`, name, [id], answer), ...body("Update") });
    add(one, "delete", operation(`Delete ${model}`, name, [id], {}, 204));
  }
  for (const [method, path, summary, tag] of EXTRA) {
    const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      ...{ name, in: "path", required: true, schema: { type: "integer" } },
    }));
    add(path, method, operation(summary, tag, ids, {}));
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "ClaudeTools API",
      description: "Context for managed service providers.",
      version: "1.4.2",
    },
    paths,
    components: {
      schemas: Object.fromEntries([...ROUTERS.flatMap(models), ...VALIDATION_ERROR]),
      securitySchemes: { HTTPBearer: { type: "http", scheme: "bearer" } },
    },
  };
}

export const MAX_LIMIT = 200;

function paging(): Json[] {
  return [
    {
      name: "skip",
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 0, default: 0, title: "Skip" },
    },
    {
      ...{ name: "limit", in: "query", required: false },
      schema: { type: "integer", maximum: MAX_LIMIT, minimum: 1, default: 50, title: "Limit" },
      description: "Page size",
    },
  ];
}

function filters({ fields, isSearchable = false }: Router): Json[] {
  const search = {
    ...{ name: "search", in: "query", required: false, description: "Part of a name" },
    schema: orNull({ type: "string", maxLength: 100 }, "Search"),
  };
  const exact = Object.entries(fields)
    .filter(([, field]) => field.isFilter)
    .map(([name, field]) => ({
      ...{ name, in: "query", required: false, description: `Only ${name}` },
      schema: orNull(schemaOf(field), name),
    }));
  return isSearchable ? [...exact, search] : exact;
}

function operation(summary: string, tag: string, parameters: Json[], answer: Json, status = 200): Json {
  const id = summary.toLowerCase().replaceAll(" ", "_");
  return {
    ...{ tags: [tag], summary, description: `${summary}.\n\nReturns JSON.`, operationId: `${id}_${tag}` },
    security: [{ HTTPBearer: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: {
      [status]: { description: "Successful Response", content: { "application/json": { schema: answer } } },
      422: {
        description: "Validation Error",
        content: { "application/json": { schema: reference("HTTPValidationError") } },
      },
    },
  };
}

function models(router: Router): [string, Json][] {
  const { model, fields } = router;
  const own = Object.entries(fields);
  const writable = own.filter(([, field]) => !field.isReadOnly);
  const object = (title: string, properties: [string, Json][], required: string[]): [string, Json] => [
    title,
    {
      properties: Object.fromEntries(properties),
      type: "object",
      ...(required.length ? { required } : {}),
      title,
    },
  ];
  const required = writable.filter(([, field]) => field.required).map(([name]) => name);
  const optional = ([name, field]: [string, Field]): [string, Json] => [name, orNull(schemaOf(field), name)];
  const page: [string, Json] = object(
    `${model}Page`,
    [
      ["items", { items: reference(`${model}Response`), type: "array", title: "Items" }],
      ["total", { type: "integer", title: "Total" }],
    ],
    ["items", "total"],
  );
  return [
    object(
      `${model}Create`,
      writable.map(([name, field]) => (field.required ? [name, schemaOf(field)] : optional([name, field]))),
      required,
    ),
    object(`${model}Update`, writable.map(optional), []),
    object(`${model}Response`, [["id", { type: "integer", title: "Id" }], ...own.map(optional)], ["id"]),
    page,
  ];
}

function listOf({ list, model }: Router): Json {
  return list === "page"
    ? reference(`${model}Page`)
    : { type: "array", items: reference(`${model}Response`) };
}

function schemaOf({ type, maxLength, minimum }: Field): Json {
  const limits = {
    ...(maxLength ? { maxLength, minLength: 1 } : {}),
    ...(minimum === undefined ? {} : { minimum }),
  };
  if (typeof type !== "string") return { type: "string", enum: type };
  if (type === "integer" || type === "number" || type === "boolean") return { type, ...limits };
  return type === "string" || type === "text"
    ? { type: "string", ...limits }
    : { type: "string", format: type };
}

/** As pydantic 2 writes `T | None = None`. */
function orNull(schema: Json, title: string): Json {
  return { anyOf: [schema, { type: "null" }], title };
}

function reference(model: string): Json {
  return { $ref: `#/components/schemas/${model}` };
}

const VALIDATION_ERROR: [string, Json][] = [
  [
    "HTTPValidationError",
    { properties: { detail: { items: reference("ValidationError"), type: "array" } }, type: "object" },
  ],
  [
    "ValidationError",
    {
      properties: {
        loc: { items: { anyOf: [{ type: "string" }, { type: "integer" }] }, type: "array" },
        msg: { type: "string" },
        type: { type: "string" },
      },
      type: "object",
      required: ["loc", "msg", "type"],
    },
  ],
];
