import { open, readFile, rename } from "node:fs/promises";
import { promisify } from "node:util";
import { crc32, deflateRaw } from "node:zlib";
import { Zip, type ZipInputFile } from "fflate";

const LIST_NAME = "left-out.txt";
const MAX_LIST_BYTES = 4_096;
const MANIFEST_NAME = "manifest.json";
/** Of the manifest without its files, and of one of its lines without the file's name; as if packing saved nothing. */
const MANIFEST_BYTES = 300;
const MANIFEST_LINE_BYTES = 140;
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
  caseId: string;
  /** Where the zip goes. */
  path: string;
  /** The most valuable first: what no longer fits is left out, and smaller files after it may still go in. */
  files: readonly CaseFile[];
  /** Of the whole zip. */
  maxBytes: number;
}

/**
 * Packs a case. `manifest.json` in the zip holds the SHA-256 of every other file in it. What was left out is returned,
 * and listed in `left-out.txt` in the zip. Hashes and compression run in Node's thread pool; memory holds the zip and
 * one file.
 */
export async function createCaseZip({ caseId, path, files, maxBytes }: CaseZipOptions): Promise<{
  sizeBytes: number;
  leftOut: { name: string; reason: string }[];
}> {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  const leftOut: { name: string; reason: string }[] = [];
  const packed: ManifestLine[] = [];
  let roomBytes = maxBytes - END_BYTES - ownBytes();

  for (const { name, path: source } of files) {
    const content = await readFile(source).catch(() => undefined);
    if (content === undefined) {
      leftOut.push({ name, reason: "could not be read" });
      continue;
    }
    const deflated = await promisify(deflateRaw)(content);
    const nameBytes = Buffer.byteLength(JSON.stringify(name));
    const entryBytes = ENTRY_BYTES + 3 * nameBytes + MANIFEST_LINE_BYTES + deflated.length;
    if (entryBytes > roomBytes) {
      leftOut.push({ name, reason: `no room in a zip of ${maxBytes} bytes` });
      continue;
    }
    roomBytes -= entryBytes;
    packed.push(await add(zip, { name, content, deflated }));
  }

  const addText = async (name: string, text: string) => {
    const content = Buffer.from(text);
    return add(zip, { name, content, deflated: await promisify(deflateRaw)(content) });
  };
  if (leftOut.length > 0) packed.push(await addText(LIST_NAME, renderList(leftOut)));
  await addText(MANIFEST_NAME, renderManifest(caseId, packed));
  zip.end();

  await writeWhole(path, chunks);
  return { sizeBytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0), leftOut };
}

/** Of the list and the manifest, which go in last and always have room. */
function ownBytes(): number {
  const list = ENTRY_BYTES + 2 * LIST_NAME.length + MAX_LIST_BYTES + MANIFEST_LINE_BYTES;
  return list + ENTRY_BYTES + 2 * MANIFEST_NAME.length + MANIFEST_BYTES;
}

interface ManifestLine {
  name: string;
  size_bytes: number;
  sha256: string;
}

/** fflate writes the container; the content comes compressed already, by Node's faster and asynchronous zlib. */
async function add(
  zip: Zip,
  { name, content, deflated }: { name: string; content: Buffer; deflated: Buffer },
): Promise<ManifestLine> {
  const entry: ZipInputFile = {
    filename: name,
    size: content.length,
    crc: crc32(content),
    compression: DEFLATED,
  };
  zip.add(entry);
  entry.ondata?.(null, new Uint8Array(deflated), true);
  // Asynchronous, unlike the hashes of node:crypto: an artifact may have 64 MB.
  const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(content));
  return { name, size_bytes: content.length, sha256: Buffer.from(hash).toString("hex") };
}

/** A line for each file, so that two manifests can be compared by eye. */
function renderManifest(caseId: string, files: readonly ManifestLine[]): string {
  const lines = files.map((file) => `    ${JSON.stringify(file)}`).join(",\n");
  const head = `  "schema": "breach-check/case-file@1",\n  "case": ${JSON.stringify(caseId)},`;
  return `{\n${head}\n  "files": [\n${lines}\n  ]\n}\n`;
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
