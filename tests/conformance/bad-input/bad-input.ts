import type { Tree } from '../../integration/support/tree.ts';

/** What a person may get wrong, and what the command line must say about it. */
export interface BadInput {
  readonly name: string;
  /** The project's folder. */
  readonly tree: Tree;
  /** The command line; `.` is the project's folder, which is also where the command runs. Default: `build .`. */
  readonly words?: readonly string[];
  /** File and line that must stand before the sentence. */
  readonly place?: string;
  /** A part of the sentence. */
  readonly says: string;
  /** A part of the hint. */
  readonly hint?: string;
}

/** A wrong Dockerfile in a project with a file `a` and a folder `d`; the error is in this line of it. */
export function dockerfile(
  name: string,
  text: string,
  line: number,
  says: string,
  hint?: string,
  tree: Tree = {},
): BadInput {
  return {
    name,
    tree: { Dockerfile: text, a: 'a\n', 'd/e': 'e\n', ...tree },
    place: `Dockerfile:${line}`,
    says,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** A wrong command line over a good project. */
export function command(name: string, words: readonly string[], says: string, hint?: string): BadInput {
  return {
    name,
    tree: { Dockerfile: 'FROM scratch\nCOPY a /a\n', a: 'a\n', 'd/e': 'e\n' },
    words,
    says,
    ...(hint === undefined ? {} : { hint }),
  };
}
