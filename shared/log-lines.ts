/** The output of one step as lines, bounded: chunks may end anywhere, and what a step writes is not to be trusted with memory. */

export interface LogLine {
  /** Counts from 1 within the step, and stays the same when earlier lines are let go. */
  readonly number: number;
  readonly stream: 'stdout' | 'stderr';
  /** Without its line end; control sequences are still in it. */
  readonly text: string;
}

export interface StepLog {
  /** The last lines; `lines[0].number - 1` earlier ones were let go. */
  readonly lines: readonly LogLine[];
  /** Number of the line each stream has not ended yet. */
  readonly open: { readonly stdout?: number; readonly stderr?: number };
}

/** Lines of a step kept in memory; the whole log is on disk. */
export const KEPT_LINES = 5_000;
/** UTF-16 units of a line that are kept. */
export const KEPT_LINE_LENGTH = 16_384;

export const EMPTY_LOG: StepLog = { lines: [], open: {} };

/** Output as it came: it may begin and end in the middle of a line, or of a control sequence. */
export interface LogChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/**
 * The log with chunks added. A carriage return starts the line over, as a terminal would show it, so that a progress
 * bar is one line; a line longer than {@link KEPT_LINE_LENGTH} loses its end. Costs one copy of the kept lines a call.
 */
export function appendLog(log: StepLog, chunks: readonly LogChunk[]): StepLog {
  const lines = log.lines.slice();
  const open: { stdout?: number; stderr?: number } = { ...log.open };
  let next = (lines.at(-1)?.number ?? 0) + 1;
  for (const { stream, text } of chunks) {
    const pieces = text.split('\n');
    for (const [index, piece] of pieces.entries()) {
      const ends = index < pieces.length - 1;
      const at = (open[stream] ?? 0) - (lines[0]?.number ?? 0);
      const line = open[stream] === undefined ? undefined : lines[at];
      if (line) {
        lines[at] = { ...line, text: settle(line.text + piece, ends) };
      } else if (piece !== '' || ends) {
        open[stream] = next;
        lines.push({ number: next++, stream, text: settle(piece, ends) });
      }
      if (ends) delete open[stream];
    }
    if (lines.length > 2 * KEPT_LINES) lines.splice(0, lines.length - KEPT_LINES);
  }
  if (lines.length > KEPT_LINES) lines.splice(0, lines.length - KEPT_LINES);
  return { lines, open };
}

/** Applies carriage returns and the length limit. A last \r is kept while the line is open: \n may follow in the next chunk. */
function settle(text: string, ends: boolean): string {
  const returned = text.endsWith('\r') ? 1 : 0;
  const body = returned ? text.slice(0, -1) : text;
  const shown = body.slice(body.lastIndexOf('\r') + 1, body.length);
  const clipped = shown.length > KEPT_LINE_LENGTH ? shown.slice(0, KEPT_LINE_LENGTH) : shown;
  return returned && !ends ? `${clipped}\r` : clipped;
}
