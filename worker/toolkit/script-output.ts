import { stripVTControlCharacters } from "node:util";
import { redact } from "../../src/redact.ts";

/** Longer lines are cut: they are progress or a message, and neither needs more. */
const MAX_LINE_LENGTH = 2_000;
// More than is shown, so that a secret which straddles the cut is still whole when it is redacted.
const MAX_HELD_LENGTH = 2 * MAX_LINE_LENGTH;
const TRANSCRIPT_LINES = 200;
// Cleaning costs time per line as well: without this, 8 MiB of empty lines would keep us busy for a minute.
const BYTES_PER_LINE = 200;

// In PEM and OpenPGP, and in PuTTY's own form.
const PRIVATE_KEY_BEGINS = /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-/;
const PRIVATE_KEY_ENDS = /-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|Private-MAC: /;
// Twice those of two RSA keys of 4096 bits in one OpenPGP block. After that it is something else, and must not be hidden.
const MAX_PRIVATE_KEY_LINES = 200;
// Control characters except the tab, and the marks that reverse the direction of what follows.
const INVISIBLE = /[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/gu;

export type StreamName = "stdout" | "stderr";

export interface ScriptOutput {
  push(stream: StreamName, chunk: Uint8Array): void;
  /** Gives out what came without a line's end. Nothing is taken after that. */
  end(): void;
  /** The last lines, at most 200. */
  transcript(): string;
}

interface ScriptOutputOptions {
  onLine?: ((line: string, stream: StreamName) => void) | undefined;
  /** Applied to each line, before it is cut. */
  clean?: ((line: string) => string) | undefined;
  limitBytes: number;
  /** Called once; what comes after the limit is dropped. */
  onFlood: () => void;
}

/** Turns the bytes of two streams into clean lines. Holds a bounded amount of text, however much comes. */
export function createScriptOutput({
  onLine,
  clean = redact,
  limitBytes,
  onFlood,
}: ScriptOutputOptions): ScriptOutput {
  const last: string[] = [];
  let takenBytes = 0;
  let open = true;

  const lines = { stdout: createLineReader(emitter("stdout")), stderr: createLineReader(emitter("stderr")) };

  return {
    push(stream, chunk) {
      if (!open) return;
      const roomBytes = limitBytes - takenBytes;
      takenBytes += chunk.length;
      lines[stream].write(chunk.subarray(0, roomBytes));
      if (takenBytes <= limitBytes) return;
      open = false;
      onFlood();
    },
    end() {
      open = false;
      lines.stdout.end();
      lines.stderr.end();
    },
    transcript: () => last.join("\n"),
  };

  function emitter(stream: StreamName): (raw: string, isCut: boolean) => void {
    let keyLines = 0;
    return function emit(raw, isCut) {
      takenBytes += BYTES_PER_LINE;
      // A key's lines look harmless one by one, so they are left out from the first to the last.
      const begins = PRIVATE_KEY_BEGINS.test(raw);
      const isKey = begins || (keyLines > 0 && keyLines < MAX_PRIVATE_KEY_LINES);
      keyLines = isKey && !PRIVATE_KEY_ENDS.test(raw) ? keyLines + 1 : 0;
      if (isKey && !begins) return;

      const line = isKey ? "[redacted]" : cut(clean(visible(raw)), isCut);
      last.push(line);
      if (last.length > TRANSCRIPT_LINES) last.shift();
      onLine?.(line, stream);
    };
  }
}

function createLineReader(emit: (raw: string, isCut: boolean) => void) {
  // Not fatal: a script may print anything, and a broken character becomes U+FFFD.
  const decoder = new TextDecoder();
  let held = "";
  let isCut = false;

  function hold(text: string) {
    const room = MAX_HELD_LENGTH - held.length;
    if (text.length > room) isCut = true;
    held += text.slice(0, room);
  }
  function flush() {
    emit(held, isCut);
    held = "";
    isCut = false;
  }

  return {
    write(chunk: Uint8Array) {
      const [first = "", ...rest] = decoder.decode(chunk, { stream: true }).split("\n");
      hold(first);
      for (const text of rest) {
        flush();
        hold(text);
      }
    },
    end() {
      hold(decoder.decode());
      if (held !== "") flush();
    },
  };
}

/** What a terminal would have shown in the end: a progress bar draws over itself after each `\r`. */
function visible(raw: string): string {
  const drawn = raw.replace(/\r+$/, "");
  return stripVTControlCharacters(drawn.slice(drawn.lastIndexOf("\r") + 1)).replace(INVISIBLE, "");
}

function cut(line: string, isCut: boolean): string {
  if (line.length > MAX_LINE_LENGTH) return `${line.slice(0, MAX_LINE_LENGTH)}… [cut]`;
  // Redaction has shortened a line that was longer than what we hold. Its last word may be half a secret.
  return isCut ? `${line.replace(/\S+$/, "")}… [cut]` : line;
}
