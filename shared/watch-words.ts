import { displayText } from './format.ts';

/** `src/app.ts`, `src/app.ts and src/b.ts`, `src/app.ts and 2 more`; `count` is how many there are in all. */
export function watchedFilesText(files: readonly string[], count: number): string {
  const [first, second] = files.map((file) => displayText(file === '' ? '.' : file, 120));
  if (first === undefined) return '';
  if (count === 1) return first;
  return count === 2 && second !== undefined ? `${first} and ${second}` : `${first} and ${count - 1} more`;
}
