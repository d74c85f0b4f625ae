const DIGITS = /\p{Nd}+/uy;
const NAME = /[\p{L}\p{Nd}_]+/uy;
const SPECIAL = '@*#?-$!';

/** The variable name that begins at `position`; digits and the shell's special parameters are names of their own. Empty where there is none. */
export function variableNameAt(text: string, position: number): string {
  const character = text[position];
  if (character === undefined) return '';
  if (SPECIAL.includes(character)) return character;
  return matchAt(DIGITS, text, position) ?? matchAt(NAME, text, position) ?? '';
}

function matchAt(sticky: RegExp, text: string, position: number): string | undefined {
  sticky.lastIndex = position;
  return sticky.exec(text)?.[0];
}
