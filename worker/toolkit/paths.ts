/**
 * A Windows path as Git Bash writes it: `D:\vault\x` becomes `/d/vault/x`, `\\server\share` becomes
 * `//server/share`. What is POSIX already, or relative, only has its backslashes turned.
 * For Windows only: elsewhere a backslash is an ordinary character of a file's name.
 * @see https://www.msys2.org/docs/filesystem-paths/
 */
export function toPosixPath(path: string): string {
  const slashes = withoutLongPathPrefix(path.replaceAll("\\", "/"));
  // "D:x" means x in the current folder of drive D, which only that process knows: it stays as it is.
  return slashes.replace(/^([A-Za-z]):(?=\/|$)/, (_, drive: string) => `/${drive.toLowerCase()}`);
}

/**
 * A Git Bash path as Windows writes it: `/d/vault/x` becomes `D:\vault\x`, `//server/share` becomes
 * `\\server\share`. What is a Windows path already only has its slashes turned.
 *
 * Other absolute POSIX paths, such as `/tmp/x`, come back unchanged: where they lie is in that bash's mount
 * table, and only its `cygpath` can tell.
 */
export function toWindowsPath(path: string): string {
  const slashes = withoutLongPathPrefix(path.replaceAll("\\", "/"));
  if (slashes.startsWith("//")) return slashes.replaceAll("/", "\\");

  const [, drive, rest = ""] = /^\/([A-Za-z])(\/.*)?$/s.exec(slashes) ?? [];
  if (drive !== undefined) return `${drive.toUpperCase()}:${(rest || "/").replaceAll("/", "\\")}`;

  if (slashes.startsWith("/")) return path;
  return slashes.replaceAll("/", "\\");
}

/** A path from the configuration, in whichever form, as this system's own functions take it. */
export function nativePath(path: string): string {
  return process.platform === "win32" ? toWindowsPath(path) : path;
}

/** @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file#win32-file-namespaces */
function withoutLongPathPrefix(path: string): string {
  return path.replace(/^\/\/\?\/UNC\//i, "//").replace(/^\/\/\?\//, "");
}
