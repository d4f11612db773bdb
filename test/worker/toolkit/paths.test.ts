import fc from "fast-check";
import { expect, test } from "vitest";
import { toPosixPath, toWindowsPath } from "../../../worker/toolkit/paths.ts";

test.for([
  ["D:\\vault\\x", "/d/vault/x"],
  ["D:/vault/x", "/d/vault/x"],
  ["D:\\vault/x", "/d/vault/x"],
  ["D:\\", "/d/"],
  ["D:", "/d"],
  ["C:\\Program Files\\Git", "/c/Program Files/Git"],
  ["\\\\server\\share\\x", "//server/share/x"],
  ["\\\\?\\D:\\vault", "/d/vault"],
  ["\\\\?\\UNC\\server\\share", "//server/share"],
  ["scripts\\x.sh", "scripts/x.sh"],
  ["D:x", "D:x"],
  ["/d/vault/x", "/d/vault/x"],
  ["/tmp/x", "/tmp/x"],
  ["", ""],
] as const)("Git Bash writes %s as %s", ([windows, posix]) => {
  expect(toPosixPath(windows)).toBe(posix);
});

test.for([
  ["/d/vault/x", "D:\\vault\\x"],
  ["/D/vault/x", "D:\\vault\\x"],
  ["/d/", "D:\\"],
  ["/d", "D:\\"],
  ["//server/share/x", "\\\\server\\share\\x"],
  ["\\\\?\\UNC\\server\\share", "\\\\server\\share"],
  ["D:/vault/x", "D:\\vault\\x"],
  ["D:\\vault\\x", "D:\\vault\\x"],
  ["scripts/x.sh", "scripts\\x.sh"],
  ["/tmp/remediation-tool", "/tmp/remediation-tool"],
  ["/dev/null", "/dev/null"],
] as const)("Windows writes %s as %s", ([posix, windows]) => {
  expect(toWindowsPath(posix)).toBe(windows);
});

const part = fc.stringMatching(/^[\p{L}\p{N} ._$()'-]{1,12}$/u);
const parts = fc.array(part, { minLength: 1, maxLength: 6 });
const drive = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const absolute = fc.tuple(drive, parts).map(([letter, names]) => `${letter}:\\${names.join("\\")}`);
const share = fc.tuple(part, parts).map(([server, names]) => `\\\\${server}\\${names.join("\\")}`);
const relative = parts.map((names) => names.join("\\"));

test("any Windows path comes back from Git Bash as it was", () => {
  fc.assert(
    fc.property(fc.oneof(absolute, share, relative), (path) => {
      expect(toWindowsPath(toPosixPath(path))).toBe(path);
    }),
  );
});

test("any path of Git Bash on a drive comes back from Windows as it was", () => {
  const posix = fc
    .tuple(drive, parts)
    .map(([letter, names]) => `/${letter.toLowerCase()}/${names.join("/")}`);
  fc.assert(
    fc.property(posix, (path) => {
      expect(toPosixPath(toWindowsPath(path))).toBe(path);
    }),
  );
});

test("converting twice is converting once, whatever the text", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("/", "\\", "a", "D", ":", ".", "?") }),
  );
  fc.assert(
    fc.property(text, (path) => {
      // Taking off the long-path prefix may uncover another, which no path has.
      fc.pre(!path.replaceAll("\\", "/").includes("//?/"));
      expect(toPosixPath(toPosixPath(path))).toBe(toPosixPath(path));
      expect(toWindowsPath(toWindowsPath(path))).toBe(toWindowsPath(path));
    }),
  );
});
