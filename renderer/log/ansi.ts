import Anser from 'anser';

/** A run of log text in one look. */
export interface AnsiSpan {
  readonly text: string;
  /** Names of classes in styles/ansi.css. */
  readonly classes: readonly string[];
  /** `rgb(…)` where the colour is not one of the sixteen. */
  readonly color?: string;
  readonly background?: string;
}

const ESC = '\u001b';
/** One control sequence: how far it reaches, and whether it is a colour. */
interface Sequence {
  readonly end: number;
  readonly keep: boolean;
}

/**
 * A log line with nothing left in it that acts: of all control sequences only colours (SGR) stay. Strings sent to the
 * terminal (OSC, DCS, APC, PM, SOS) go with their contents; one that never ends only loses its introducer, so that no
 * output can hide what follows it. Characters that reorder text are written out. Linear in the length of the line. ECMA-48, section 5 and 8.3.
 */
export function keepColours(line: string): string {
  if (!CONTROL.test(line)) return line;
  let kept = '';
  let at = 0;
  while (at < line.length) {
    const unit = line.charCodeAt(at);
    if (unit === 0x1b || (unit >= 0x80 && unit <= 0x9f)) {
      const sequence = readSequence(line, at);
      if (sequence.keep) kept += `${ESC}[${line.slice(unit === 0x1b ? at + 2 : at + 1, sequence.end)}`;
      at = sequence.end;
    } else {
      if (isReordering(unit)) kept += `\\u{${unit.toString(16)}}`;
      else if (unit === 0x09 || (unit >= 0x20 && unit !== 0x7f)) kept += line[at];
      at++;
    }
  }
  return kept;
}

const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** Characters that would show the rest of the line in another order than it has (Unicode UAX 9). */
function isReordering(unit: number): boolean {
  return within(unit, 0x202a, 0x202e) || within(unit, 0x2066, 0x2069);
}

function readSequence(line: string, start: number): Sequence {
  const unit = line.charCodeAt(start);
  // A C1 control is its ESC form in one character: U+009B is ESC [.
  const kind = unit === 0x1b ? line.charCodeAt(start + 1) : unit - 0x40;
  const body = unit === 0x1b ? start + 2 : start + 1;
  if (kind === 0x5b) return readControl(line, body);
  if (kind === 0x5d || kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f)
    return { end: stringEnd(line, body), keep: false };
  // ESC, intermediates, final.
  let end = start + 1;
  if (unit === 0x1b) {
    while (within(line.charCodeAt(end), 0x20, 0x2f)) end++;
    if (within(line.charCodeAt(end), 0x30, 0x7e)) end++;
  }
  return { end, keep: false };
}

/** CSI: parameters, intermediates, final; a colour is one with plain parameters that ends in `m`. */
function readControl(line: string, body: number): Sequence {
  let end = body;
  while (within(line.charCodeAt(end), 0x30, 0x3f)) end++;
  const parameters = line.slice(body, end);
  const intermediates = end;
  while (within(line.charCodeAt(end), 0x20, 0x2f)) end++;
  // Colons and private parameters are not written by anything that means colours we can show.
  const plain = end === intermediates && /^[0-9;]{0,64}$/.test(parameters);
  if (!within(line.charCodeAt(end), 0x40, 0x7e)) return { end, keep: false };
  return { end: end + 1, keep: plain && line[end] === 'm' };
}

/** After the terminator of a string (BEL, ST); its beginning where there is none. */
function stringEnd(line: string, body: number): number {
  for (let at = body; at < line.length; at++) {
    const unit = line.charCodeAt(at);
    if (unit === 0x07 || unit === 0x9c) return at + 1;
    if (unit === 0x1b) return line[at + 1] === '\\' ? at + 2 : body;
    // Another sequence begins: scanning on from each of many would take time in proportion to their square.
    if (within(unit, 0x80, 0x9f)) return body;
  }
  return body;
}

function within(unit: number, first: number, last: number): boolean {
  return unit >= first && unit <= last;
}

/** The line as text alone, for copying and searching. */
export function plainText(line: string): string {
  return keepColours(line).replace(/\u001b\[[0-9;]*m/g, '');
}

/** The line as runs of text with their colours. Never fails, and nothing in it is markup. */
export function ansiSpans(line: string): readonly AnsiSpan[] {
  const kept = keepColours(line);
  if (!kept.includes(ESC)) return kept === '' ? [] : [{ text: kept, classes: [] }];
  return Anser.ansiToJson(kept, { json: true, use_classes: true, remove_empty: true }).map(spanOf);
}

function spanOf(entry: ReturnType<typeof Anser.ansiToJson>[number]): AnsiSpan {
  const color = rgbOf(entry.fg, entry.fg_truecolor);
  const background = rgbOf(entry.bg, entry.bg_truecolor);
  return {
    text: entry.content,
    classes: [
      ...(entry.fg && !color ? [entry.fg] : []),
      ...(entry.bg && !background ? [`${entry.bg}-bg`] : []),
      // Nothing may be hidden, and nothing blinks.
      ...entry.decorations.filter((name) => name !== 'hidden' && name !== 'blink' && name !== 'reverse'),
    ],
    ...(color === undefined ? {} : { color }),
    ...(background === undefined ? {} : { background }),
  };
}

const CUBE = [0, 95, 135, 175, 215, 255] as const;

/** Colours beyond the sixteen: 24 bit, or the 256-colour palette's cube and greys. */
function rgbOf(name: string | null, truecolor: string | null): string | undefined {
  if (name === 'ansi-truecolor' && truecolor !== null && /^[0-9, ]+$/.test(truecolor))
    return `rgb(${truecolor})`;
  const index = Number(/^ansi-palette-(\d{1,3})$/.exec(name ?? '')?.[1] ?? NaN);
  if (!(index >= 16 && index <= 255)) return undefined;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const cube = index - 16;
  const channels = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => CUBE[level]);
  return `rgb(${channels.join(', ')})`;
}
