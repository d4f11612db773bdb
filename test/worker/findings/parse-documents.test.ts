import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText } from "../../../worker/findings/decode-text.ts";
import { parseDocuments } from "../../../worker/findings/parse-documents.ts";

const values = (text: string) => parseDocuments(text).documents.map(({ value }) => value);

test.for<[title: string, text: string, expected: unknown[], lossy: boolean]>([
  ["one value", '{"a":1}', [{ a: 1 }], false],
  ["JSON lines", '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }], false],
  ["JSON lines with CRLF", '{"a":1}\r\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }], false],
  ["values one after another", '{"a":1}{"a":2}[3]', [{ a: 1 }, { a: 2 }, [3]], false],
  ["brackets inside strings", '{"a":"}]{"}\n{"a":"\\"}"}', [{ a: "}]{" }, { a: '"}' }], false],
  ["JSON in the middle of a line of text", 'Rule: {"a":1}\n{"b":2}', [{ b: 2 }], true],
  ["a brace in a line of text", 'Rule: "{\n{"b":2}', [{ b: 2 }], true],
  ["progress lines around a value", 'Fetching…\n[INFO] 3 rules\n{"a":1}\nDone.', [{ a: 1 }], false],
  ["nothing", "", [], false],
  ["words", "No mailbox found.", [], false],
  ["a list cut inside a record", '{"value":[{"a":1},{"a":2},{"a":', [{ value: [{ a: 1 }, { a: 2 }] }], true],
  ["a list cut between records", '[{"a":1},{"a":2}', [[{ a: 1 }, { a: 2 }]], true],
  ["a list cut inside its first record", '{"value":[{"a":{"b":[1,2', [{ value: [] }], true],
  ["an object cut inside a member", '{"rules":[1],"signIns":{"a":', [{ rules: [1] }], true],
  ["JSON lines whose last line is cut", '{"a":1}\n{"a":2,"b":[3', [{ a: 1 }], true],
  ["JSON lines with a broken line", '{"a":1}\n{"a":oops}\n{"a":3}', [{ a: 1 }, { a: 3 }], true],
  ["a million brackets", "[".repeat(1_000_000), [], true],
])("%s", ([, text, expected, lossy]) => {
  expect(values(text)).toEqual(expected);
  expect(parseDocuments(text).losses.length > 0).toBe(lossy);
});

test("a key named __proto__ changes no prototype", () => {
  values('{"__proto__":{"polluted":1}}\n{"constructor":{"prototype":{"polluted":1}}}');
  expect("polluted" in {}).toBe(false);
});

test("any text is read without throwing", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseDocuments(text)));
});

test("JSON lines and concatenated JSON hold what was written", () => {
  const records = fc.array(fc.object({ maxDepth: 3 }), { minLength: 2 });
  fc.assert(
    fc.property(records, fc.constantFrom("\n", "\r\n", "", " \t"), (list, between) => {
      const written: unknown[] = list.map((record) => JSON.parse(JSON.stringify(record)));
      expect(values(written.map((record) => JSON.stringify(record)).join(between))).toEqual(written);
    }),
  );
});

test("of a list cut anywhere, what is kept is its beginning", () => {
  const list = [{ id: "1", words: ["a", "b"] }, { id: "2", to: [{ address: "a@b.c" }] }, { id: "3" }];
  const text = JSON.stringify({ value: list });
  for (let length = text.indexOf("[") + 1; length < text.length; length++) {
    const [document] = values(text.slice(0, length));
    const kept = (document as { value: unknown[] }).value;
    expect(kept).toEqual(list.slice(0, kept.length));
  }
});

const utf16 = (text: string, bigEndian: boolean) => {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), !bigEndian);
  return bytes;
};
const utf8 = (text: string) => new TextEncoder().encode(text);

test.for<[title: string, bytes: Uint8Array]>([
  ["UTF-8", utf8('{"a":"ü"}')],
  ["UTF-8 with a mark", utf8('\uFEFF{"a":"ü"}')],
  ["UTF-16 LE with a mark", utf16('\uFEFF{"a":"ü"}', false)],
  ["UTF-16 BE with a mark", utf16('\uFEFF{"a":"ü"}', true)],
  ["UTF-16 LE without a mark", utf16('{"a":"ü"}', false)],
  ["UTF-16 BE without a mark", utf16('{"a":"ü"}', true)],
])("%s is decoded", ([, bytes]) => {
  expect(decodeText(bytes)).toBe('{"a":"ü"}');
});
