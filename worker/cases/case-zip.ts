import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { crc32, deflateRaw } from "node:zlib";
import { Zip, type ZipInputFile } from "fflate";

const LIST_NAME = "left-out.txt";
const MAX_LIST_BYTES = 4_096;
// Headers, descriptor and directory entry; the name stands there twice. https://pkware.cachefly.net/webdocs/APPNOTE/APPNOTE-6.3.9.TXT
const ENTRY_BYTES = 30 + 16 + 46;
const END_BYTES = 22;
const DEFLATED = 8;

interface CaseFile {
  /** Inside the zip, with forward slashes. */
  name: string;
  path: string;
}

interface CaseZipOptions {
  caseFolder: string;
  /** The most valuable first: what no longer fits is left out, and smaller files after it may still go in. */
  files: readonly CaseFile[];
  /** Of the whole zip. */
  maxBytes: number;
}

/**
 * Packs a case into `<caseFolder>/case.zip`. What was left out is returned, and listed in `left-out.txt` in the zip.
 * Compression runs in Node's thread pool; memory holds the zip and one file.
 */
export async function createCaseZip({ caseFolder, files, maxBytes }: CaseZipOptions): Promise<{
  path: string;
  sizeBytes: number;
  leftOut: { name: string; reason: string }[];
}> {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  const leftOut: { name: string; reason: string }[] = [];
  let roomBytes = maxBytes - END_BYTES - ENTRY_BYTES - 2 * LIST_NAME.length - MAX_LIST_BYTES;

  for (const { name, path } of files) {
    const content = await readFile(path).catch(() => undefined);
    if (content === undefined) {
      leftOut.push({ name, reason: "could not be read" });
      continue;
    }
    const packed = await promisify(deflateRaw)(content);
    const entryBytes = ENTRY_BYTES + 2 * Buffer.byteLength(name) + packed.length;
    if (entryBytes > roomBytes) {
      leftOut.push({ name, reason: `no room in a zip of ${maxBytes} bytes` });
      continue;
    }
    roomBytes -= entryBytes;
    add(zip, { name, content, packed });
  }

  if (leftOut.length > 0) {
    const content = Buffer.from(renderList(leftOut));
    add(zip, { name: LIST_NAME, content, packed: await promisify(deflateRaw)(content) });
  }
  zip.end();

  const path = join(caseFolder, "case.zip");
  await writeWhole(path, chunks);
  return { path, sizeBytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0), leftOut };
}

/** fflate writes the container; the content comes compressed already, by Node's faster and asynchronous zlib. */
function add(zip: Zip, { name, content, packed }: { name: string; content: Buffer; packed: Buffer }): void {
  const entry: ZipInputFile = {
    filename: name,
    size: content.length,
    crc: crc32(content),
    compression: DEFLATED,
  };
  zip.add(entry);
  entry.ondata?.(null, new Uint8Array(packed), true);
}

function renderList(leftOut: { name: string; reason: string }[]): string {
  const lines: string[] = ["Not in this zip:"];
  let sizeBytes = 0;
  for (const [index, { name, reason }] of leftOut.entries()) {
    const line = `${name}: ${reason}`;
    sizeBytes += Buffer.byteLength(line) + 1;
    if (sizeBytes > MAX_LIST_BYTES - 100) {
      lines.push(`and ${leftOut.length - index} more`);
      break;
    }
    lines.push(line);
  }
  return `${lines.join("\n")}\n`;
}

async function writeWhole(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writev(chunks);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
