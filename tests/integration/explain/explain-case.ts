import type { FileChanges, MissCause, MissReason } from '../../../shared/miss-reason.ts';
import type { BuildRequest } from '../../../electron/engine/build/build-request.ts';
import type { Tree } from '../support/tree.ts';

/** A project as it is when it is built. */
export interface Project {
  readonly dockerfile: string;
  readonly tree?: Tree;
  readonly request?: Partial<BuildRequest>;
  /** Images that are made before, by name. */
  readonly images?: Readonly<Record<string, Tree>>;
  /** Whether the build is meant to fail. */
  readonly fails?: true;
}

/** What was changed, and which steps are missed then, each with its cause in short; every other step is a hit. */
export interface ExplainCase {
  readonly name: string;
  /** Builds before the last. */
  readonly before: readonly Project[];
  readonly after: Project;
  /** By stage and number, as `builder/2`; see {@link shortReason}. */
  readonly missed: Readonly<Record<string, string>>;
}

/** Builds `before`, changes what `change` says, and builds again. */
export function changeCase(
  name: string,
  before: Project,
  change: Partial<Project>,
  missed: ExplainCase['missed'],
): ExplainCase {
  const tree = { ...before.tree, ...change.tree };
  return { name, before: [before], after: { ...before, ...change, tree }, missed };
}

/** A reason in short, all of it, so that nothing is blamed that a case does not name: `files ~a.txt; earlier-step builder/1 rebuilt`. */
export function shortReason({ cause, also = [] }: MissReason, placeOf: (step: string) => string): string {
  return [cause, ...also].map((each) => shortCause(each, placeOf)).join('; ');
}

function shortCause(cause: MissCause, placeOf: (step: string) => string): string {
  const say = (...words: readonly (string | undefined)[]): string =>
    [cause.kind, ...words].filter((word) => word !== undefined && word !== '').join(' ');
  switch (cause.kind) {
    case 'instruction':
      return say(`${cause.before} -> ${cause.after}`);
    case 'platform':
      return say(`${cause.before} -> ${cause.after}`);
    case 'base':
      return say(`${cause.before?.reference ?? 'scratch'} -> ${cause.after?.reference ?? 'scratch'}`);
    case 'flags':
    case 'settings':
      return say(
        cause.changes.map((each) => `${each.name}=${each.before ?? ''}->${each.after ?? ''}`).join(' '),
      );
    case 'variables':
      return say(
        cause.changes
          .map(({ word, name, change, secret, before, after }) =>
            secret ? `${word} ${name} secret ${change}` : `${word} ${name}=${before ?? ''}->${after ?? ''}`,
          )
          .join(' '),
      );
    case 'files':
      return say(cause.from === 'the build context' ? '' : `of ${cause.from}`, filesOf(cause));
    case 'ignore-file':
      return say(cause.file, filesOf(cause));
    case 'stage':
      return say(cause.stage, cause.step === undefined ? '' : `by ${placeOf(cause.step)}`, filesOf(cause));
    case 'image':
      return say(`${cause.before?.reference ?? ''} -> ${cause.after?.reference ?? ''}`, filesOf(cause));
    case 'earlier-step':
      return say(placeOf(cause.step), cause.how);
    case 'removed-step':
      return say(cause.text);
    case 'no-cache-filter':
      return say(cause.stage);
    default:
      return say();
  }
}

function filesOf({ changes, more }: FileChanges): string {
  const marks = changes.map(({ path, what, before, after }) => {
    if (what.includes('added')) return `+${path}`;
    if (what.includes('removed')) return `-${path}`;
    const detail = what.join(',');
    const values = before === undefined ? '' : ` ${before}->${after ?? ''}`;
    return `~${path}${detail === 'content' ? '' : `(${detail}${values})`}`;
  });
  return [...marks, ...(more > 0 ? [`and ${more} more`] : [])].join(' ');
}
