import { z } from "zod";
import { CoverageArtifact } from "./coverage-artifact.ts";
import { decodeText } from "./decode-text.ts";
import type { FindingsDocument } from "./findings.ts";
import { type GraphError, parseGraphError } from "./graph-error.ts";
import { text } from "./lenient.ts";
import { parseDocuments } from "./parse-documents.ts";
import {
  type JsonObject,
  kindOfCollection,
  kindOfContext,
  kindOfRecord,
  ofFolder,
  type RecordKind,
} from "./record-kinds.ts";
import { SignInGroups } from "./sweep/sign-in-groups.ts";

/** What a toolkit left, read from disk. `bytes` may hold less than the file: the rest then counts as cut. */
export interface ArtifactBytes {
  name: string;
  sizeBytes: number;
  bytes: Uint8Array;
}

/** Where a record stands: the artifact and a JSON path in it. */
export interface Source {
  artifact: string;
  path: string;
}

export interface EvidenceRecord {
  kind: RecordKind;
  /** Keys as Graph writes them: a record that PowerShell wrote as `UserPrincipalName` has `userPrincipalName`. */
  value: JsonObject;
  source: Source;
}

export interface Recognition {
  records: EvidenceRecord[];
  /** Every list that named or showed its kind, the empty ones too: "no inbox rules" is an answer. */
  lists: { kind: RecordKind; source: Source; hasNextPage: boolean }[];
  errors: { error: GraphError; source: Source; about: RecordKind | undefined }[];
  coverage: { value: CoverageArtifact; artifact: string }[];
  /** What the built-in sweep made of a tenant's sign-ins, too many to be kept. */
  signInGroups: { value: SignInGroups; artifact: string }[];
  /** Kinds of which something is known to be lost. */
  losses: { kind: RecordKind; reason: string }[];
  unrecognised: FindingsDocument["unrecognised"];
}

/** An artifact larger than this is read up to here and counts as cut. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Turns whatever a toolkit left into records of known kinds, by shape and never by file name. Never throws: what it
 * can't read ends up in `unrecognised` with the reason.
 */
export function recognise(artifacts: readonly ArtifactBytes[]): Recognition {
  const found: Recognition = {
    records: [],
    lists: [],
    errors: [],
    coverage: [],
    signInGroups: [],
    losses: [],
    unrecognised: [],
  };
  for (const artifact of artifacts) recogniseArtifact(artifact, found);
  settleMessages(found);
  return found;
}

const IdOfFolder = z.object({ id: text, displayName: text, wellKnownName: text });

/**
 * Messages that came without the name of their folder: each has its folder's id, and a list of folders may stand in
 * another artifact. What remains is listed, since nothing is made of it.
 */
function settleMessages(found: Recognition): void {
  const folders = new Map<string, RecordKind>();
  for (const { kind, value } of found.records) {
    if (kind !== "mailFolder") continue;
    const { id, displayName, wellKnownName } = IdOfFolder.parse(value);
    if (id !== undefined) folders.set(id, ofFolder(wellKnownName ?? displayName ?? ""));
  }
  const settled = new Map<string, Set<RecordKind>>();
  const open = new Map<string, number>();
  for (const record of found.records) {
    if (record.kind !== "message") continue;
    const folder = text.parse(record.value.parentFolderId) ?? "";
    // Graph's ids tell upper from lower case; some scripts put the folder's name in their place.
    const kind = folders.get(folder) ?? ofFolder(folder);
    const { artifact } = record.source;
    record.kind = kind;
    if (kind === "message") open.set(artifact, (open.get(artifact) ?? 0) + 1);
    else settled.set(artifact, (settled.get(artifact) ?? new Set()).add(kind));
  }
  for (const [artifact, kinds] of settled) {
    for (const kind of kinds) {
      const lists = found.lists.filter(
        ({ kind, source }) => kind === "message" && source.artifact === artifact,
      );
      found.lists.push(...lists.map((list) => ({ ...list, kind })));
      const losses = found.losses.filter(
        ({ kind, reason }) => kind === "message" && reason.startsWith(`${artifact}: `),
      );
      found.losses.push(...losses.map((loss) => ({ ...loss, kind })));
    }
  }
  for (const [artifact, n] of open) {
    const reason = `${count(n, "message", "messages")} of a folder that is not named.`;
    found.unrecognised.push({ artifact, size_bytes: null, reason });
  }
}

function recogniseArtifact(artifact: ArtifactBytes, found: Recognition): void {
  const { documents, losses, hasOtherText } = parseDocuments(
    decodeText(artifact.bytes.subarray(0, MAX_BYTES)),
  );
  const reasons = [...losses];
  if (artifact.sizeBytes > Math.min(artifact.bytes.length, MAX_BYTES))
    reasons.push("it is too large to be read whole");
  // Lists get their own before the notes below are added.
  const lost = [...reasons];

  const walk: Walk = {
    artifact: artifact.name,
    isSummary: documents.length === 1 && losses.length === 0 && !hasOtherText,
    found,
    unknown: [],
    recognised: 0,
    kinds: new Set(),
  };
  for (const { path, value } of documents) visit(value, path, undefined, 0, walk);

  for (const kind of walk.kinds) {
    for (const reason of lost) found.losses.push({ kind, reason: `${artifact.name}: ${reason}` });
  }
  if (documents.length === 0)
    reasons.push(artifact.sizeBytes === 0 ? "it is empty" : "it holds no JSON that can be read");
  else if (walk.recognised === 0 && walk.unknown.length === 0) reasons.push("its shape is not known");
  else if (hasOtherText) reasons.push("it also holds text that is not JSON and was not read");
  if (walk.unknown.length > 0) reasons.push(describeUnknown(walk.unknown));
  if (reasons.length > 0) {
    const reason = sentence(reasons);
    found.unrecognised.push({ artifact: artifact.name, size_bytes: artifact.sizeBytes, reason });
  }
}

interface Walk {
  artifact: string;
  /** It is one JSON document and nothing else, and so may be what a toolkit of ours says of its own run. */
  isSummary: boolean;
  found: Recognition;
  /** What was passed on the way and is not known. */
  unknown: string[];
  recognised: number;
  kinds: Set<RecordKind>;
}

/** A file of a script's own making wraps lists in an object or two. What is nested deeper is not looked for. */
const MAX_DEPTH = 6;

/** @param hint - The kind that the surroundings promise: a context, or the name of the property. */
function visit(value: unknown, path: string, hint: RecordKind | undefined, depth: number, walk: Walk): void {
  if (Array.isArray(value)) visitList(value, path, hint, false, depth, walk);
  else if (isObject(value)) visitObject(value, path, hint, depth, walk);
}

function visitObject(
  value: JsonObject,
  path: string,
  hint: RecordKind | undefined,
  depth: number,
  walk: Walk,
): void {
  const error = parseGraphError(value);
  if (error !== undefined) {
    walk.recognised++;
    const source = { artifact: walk.artifact, path };
    // Graph lists only users who were at risk once. https://learn.microsoft.com/en-us/graph/api/riskyuser-get
    if (hint === "riskyUser" && /NotFound/i.test(error.code)) {
      walk.found.lists.push({ kind: hint, source, hasNextPage: false });
    } else walk.found.errors.push({ error, source, about: hint });
    return;
  }
  const isSummary = walk.isSummary && path === "$";
  const coverage = CoverageArtifact.safeParse(value);
  if (isSummary && coverage.success) {
    walk.recognised++;
    walk.found.coverage.push({ value: coverage.data, artifact: walk.artifact });
    return;
  }
  const groups = SignInGroups.safeParse(value);
  if (isSummary && groups.success) {
    walk.recognised++;
    walk.found.signInGroups.push({ value: groups.data, artifact: walk.artifact });
    return;
  }
  const context = kindOfContext(value["@odata.context"]);
  if (Array.isArray(value.value)) {
    const hasNextPage = typeof value["@odata.nextLink"] === "string";
    visitList(value.value, `${path}.value`, context ?? hint, hasNextPage, depth, walk);
    return;
  }
  const record = camelCased(value);
  const kind = kindAmid(record, context ?? hint) ?? context;
  if (kind !== undefined) {
    addRecord(kind, record, path, walk);
    return;
  }
  visitMembers(value, path, depth, walk);
}

function visitMembers(value: JsonObject, path: string, depth: number, walk: Walk): void {
  const children = Object.entries(value).filter(([, child]) => typeof child === "object" && child !== null);
  if (depth >= MAX_DEPTH && children.length > 0) {
    walk.unknown.push(`what lies below ${path}`);
    return;
  }
  for (const [key, child] of children) {
    visit(child, `${path}.${key.slice(0, 60)}`, kindOfCollection(key), depth + 1, walk);
  }
}

function visitList(
  list: readonly unknown[],
  path: string,
  hint: RecordKind | undefined,
  hasNextPage: boolean,
  depth: number,
  walk: Walk,
): void {
  const kinds = new Set<RecordKind>(hint === undefined ? [] : [hint]);
  let unknown = 0;
  list.forEach((element, index) => {
    const here = `${path}[${index}]`;
    if (!isObject(element)) {
      if (Array.isArray(element) && depth < MAX_DEPTH) visitList(element, here, hint, false, depth + 1, walk);
      else unknown++;
      return;
    }
    // Its own shape first: a list of directory objects mixes roles and groups.
    const record = camelCased(element);
    const kind = kindAmid(record, hint) ?? (parseGraphError(element) === undefined ? hint : undefined);
    if (kind !== undefined) {
      kinds.add(kind);
      addRecord(kind, record, here, walk);
      return;
    }
    const before = walk.recognised;
    if (depth < MAX_DEPTH) visit(element, here, undefined, depth + 1, walk);
    if (walk.recognised === before) unknown++;
  });

  for (const kind of kinds) {
    walk.recognised++;
    walk.kinds.add(kind);
    walk.found.lists.push({ kind, source: { artifact: walk.artifact, path }, hasNextPage });
  }
  // Values of a list that is known, such as a null among the sign-ins, are lost records.
  if (unknown > 0 && hint !== undefined) {
    walk.found.losses.push({
      kind: hint,
      reason: `${walk.artifact}: ${count(unknown, "entry", "entries")} could not be read`,
    });
  }
  if (unknown > 0) walk.unknown.push(`${count(unknown, "entry", "entries")} of unknown shape at ${path}`);
  else if (list.length === 0 && kinds.size === 0) {
    walk.unknown.push(`an empty list at ${path} that does not say of what`);
  }
}

/** The kind that a record shows by itself. Only of messages do the surroundings know more: which folder it was. */
function kindAmid(record: JsonObject, hint: RecordKind | undefined): RecordKind | undefined {
  const kind = kindOfRecord(record);
  return kind === "message" && (hint === "sentMessage" || hint === "deletedMessage") ? hint : kind;
}

function addRecord(kind: RecordKind, value: JsonObject, path: string, walk: Walk): void {
  walk.recognised++;
  walk.kinds.add(kind);
  walk.found.records.push({ kind, value, source: { artifact: walk.artifact, path } });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Keys as Graph writes them, for what `ConvertTo-Json` left of PowerShell's objects: `UserPrincipalName`,
 * `IPAddress`. A record in Graph's own spelling is returned as it is.
 */
function camelCased(record: JsonObject, depth = 0): JsonObject {
  const { AdditionalProperties: more } = record;
  // The Graph PowerShell SDK keeps what its type lacks in there, such as a sign-in method's own properties.
  if (depth === 0 && isObject(more)) {
    const { AdditionalProperties: _, ...own } = record;
    return camelCased({ ...own, ...more });
  }
  if (depth > MAX_DEPTH || !Object.keys(record).some((key) => /^[A-Z]/.test(key))) return record;
  const entries = Object.entries(record).map(([key, value]): [string, unknown] => [
    key.replace(/^([A-Z]+(?=[A-Z][a-z]|$)|[A-Z])/, (capitals) => capitals.toLowerCase()),
    Array.isArray(value)
      ? value.map((element) => (isObject(element) ? camelCased(element, depth + 1) : element))
      : isObject(value)
        ? camelCased(value, depth + 1)
        : value,
  ]);
  // fromEntries defines properties, so a key "__proto__" stays a key. https://tc39.es/ecma262/#sec-object.fromentries
  return Object.fromEntries(entries);
}

function describeUnknown(unknown: readonly string[]): string {
  const shown = unknown.slice(0, 3).join(", ");
  return unknown.length > 3
    ? `${shown} and ${unknown.length - 3} more parts are not known`
    : `not known: ${shown}`;
}

function sentence(reasons: readonly string[]): string {
  const text = [...new Set(reasons)].join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
