const MOST_LINES = 20;
const LONGEST_LINE = 400;

/** The end of a command's output, as lines, in little memory whatever comes: see {@link lastLines}. */
export interface LastLines {
  push(text: string): void;
  /** The last lines that are not empty, at most 20, each cut after 400 characters. */
  lines(): readonly string[];
}

/** Keeps the last lines of a text that comes piece by piece. */
export function lastLines(): LastLines {
  const kept: string[] = [];
  let open = '';
  const keep = (line: string): void => {
    if (line.trim() === '') return;
    kept.push(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line);
    if (kept.length > MOST_LINES) kept.shift();
  };
  return {
    push(text) {
      const pieces = text.split('\n');
      // One character more than is shown, so that a cut can be told.
      open = (open + pieces.shift()!).slice(0, LONGEST_LINE + 1);
      for (const piece of pieces) {
        keep(open);
        open = piece.slice(0, LONGEST_LINE + 1);
      }
    },
    lines() {
      const before = kept.length;
      keep(open);
      const lines = [...kept];
      if (kept.length > before) kept.pop();
      return lines;
    },
  };
}
