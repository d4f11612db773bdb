import { expect, test } from "vitest";
import { createScriptOutput } from "../../../worker/toolkit/script-output.ts";

function print(text: string, { limitBytes = 1_000_000 } = {}) {
  const lines: string[] = [];
  let floods = 0;
  const output = createScriptOutput({
    limitBytes,
    onLine: (line) => lines.push(line),
    onFlood: () => {
      floods += 1;
    },
  });
  const bytes = new TextEncoder().encode(text);
  // In pieces that fall into the middle of lines and characters.
  for (let at = 0; at < bytes.length; at += 7) output.push("stdout", bytes.subarray(at, at + 7));
  output.end();
  return { lines, floods, transcript: output.transcript() };
}

test("a character that comes in two pieces is one character", () => {
  expect(print("Überprüfung für José läuft\n").lines).toEqual(["Überprüfung für José läuft"]);
});

test("a private key without an end hides two hundred lines and no more", () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${"MIIEow\n".repeat(300)}`;
  const { lines } = print(`before\n${key}after\n`);
  expect(lines.slice(0, 2)).toEqual(["before", "[redacted]"]);
  expect(lines.at(-1)).toBe("after");
  expect(lines).toHaveLength(3 + 101);
});

test.for<[what: string, key: string]>([
  ["PEM", "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----"],
  ["OpenPGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\ncanary\n-----END PGP PRIVATE KEY BLOCK-----"],
  ["PuTTY", "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\ncanary\nPrivate-MAC: canary"],
])("a private key in the form of %s is hidden from its first line to its last", ([, key]) => {
  expect(print(`before\n${key}\nafter\n`).lines).toEqual(["before", "[redacted]", "after"]);
});

test("a secret across the cut of a long line is not shown by half", () => {
  const secret = `eyJ${"a".repeat(300)}.eyJ${"b".repeat(300)}.${"c".repeat(300)}`;
  for (const before of [1_500, 1_900, 3_500, 3_900]) {
    const [line = ""] = print(`${"x ".repeat(before / 2)}${secret}${" y".repeat(2_000)}\n`).lines;
    expect(line).not.toMatch(/aaa|bbb|ccc/);
  }
});

test("many short lines count for more than their bytes, and the flood is told once", () => {
  const { lines, floods } = print("y\n".repeat(10_000), { limitBytes: 100_000 });
  expect(floods).toBe(1);
  expect(lines.length).toBeLessThan(600);
});

test("empty lines stay, so that what a person reads has its paragraphs", () => {
  expect(print("a\n\nb\n").transcript).toBe("a\n\nb");
});
