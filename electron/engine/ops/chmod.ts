import { EngineError } from '../base/errors.ts';

/** A parsed --chmod. */
export interface ModeChange {
  /** Set where the text is a number: then parent directories made on the way get this mode too. */
  readonly octal?: number;
  /** The new permission bits (0..0o7777) of something that has `mode` now. */
  apply(mode: number, isDirectory: boolean): number;
}

const SETUID = 0o4000;
const SETGID = 0o2000;
const STICKY = 0o1000;
const EVERYBODY = 0o777;

/** The bits each class owns. The sticky bit is nobody's: only an explicit `t` changes it. */
const CLASS_BITS: Readonly<Record<string, number>> = {
  u: SETUID | 0o700,
  g: SETGID | 0o070,
  o: 0o007,
  a: SETUID | SETGID | EVERYBODY,
};

const CLASS_SHIFT: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const LETTER_BITS: Readonly<Record<string, number>> = {
  r: 0o444,
  w: 0o222,
  x: 0o111,
  s: SETUID | SETGID,
  t: STICKY,
};

interface Action {
  readonly who: number;
  readonly onlyOthers: boolean;
  readonly operator: string;
  readonly letters: string;
}

/**
 * Reads the value of --chmod: octal digits up to 07777, or a list of symbolic changes as chmod(1) takes them
 * (`u=rwX,go=rX`, `+x`, `g=u`, `a-w+r`), with a umask of 0. As in BSD's setmode, which BuildKit follows: `X` looks at the
 * mode before any change, `=` also clears the setuid and setgid bits of the classes it names, and `s` and `t` do nothing
 * for `o` alone. Fails with COPY_BAD_CHMOD.
 */
export function parseChmod(text: string): ModeChange {
  if (/^[0-9]/.test(text)) {
    if (!/^0*[0-7]{1,4}$/.test(text)) throw badChmod(text);
    const octal = Number.parseInt(text, 8);
    return { octal, apply: () => octal };
  }
  const actions = text.split(',').flatMap((clause) => parseClause(clause, text));
  return {
    apply: (mode, isDirectory) => {
      const grantsX = isDirectory || (mode & 0o111) !== 0;
      return actions.reduce((current, action) => applyAction(current, action, grantsX), mode);
    },
  };
}

function parseClause(clause: string, text: string): readonly Action[] {
  const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause);
  if (!match) throw badChmod(text);
  const classes = match[1] === '' ? 'a' : match[1]!;
  const who = [...classes].reduce((bits, name) => bits | CLASS_BITS[name]!, 0);
  const onlyOthers = who === CLASS_BITS['o'];
  return [...match[2]!.matchAll(/([-+=])([rwxXstugo]*)/g)].map(([, operator, letters]) => ({
    who,
    onlyOthers,
    operator: operator!,
    letters: letters!,
  }));
}

function applyAction(mode: number, { who, onlyOthers, operator, letters }: Action, grantsX: boolean): number {
  let bits = 0;
  let mask = who;
  for (const letter of letters) {
    if (letter in CLASS_SHIFT) bits |= ((mode >> CLASS_SHIFT[letter]!) & 0o7) * 0o111;
    else if (letter === 'X') bits |= grantsX ? 0o111 : 0;
    else if (letter === 't' && !onlyOthers) {
      bits |= STICKY;
      mask |= STICKY;
    } else bits |= LETTER_BITS[letter]! & ~STICKY;
  }
  if (operator === '+') return mode | (bits & mask);
  if (operator === '-') return mode & ~(bits & mask);
  return (mode & ~mask) | (bits & mask);
}

function badChmod(text: string): EngineError {
  return new EngineError('COPY_BAD_CHMOD', `"${text}" is not a mode that --chmod understands.`, {
    hint: 'Give octal digits between 0 and 7777, such as 755, or changes such as u=rwX,go=rX.',
  });
}
