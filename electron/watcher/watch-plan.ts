import { dirname } from 'node:path';
import { patternMatcher } from '../engine/base/patterns.ts';
import type { WatchedFiles } from '../engine/context/watched-files.ts';

/** What of the file system a watcher subscribes to, and what its paths mean. */
export interface WatchPlan {
  /** Folders to subscribe to, with all below them that is not ignored. */
  readonly folders: readonly string[];
  /** Whether nothing is to be heard of this absolute path. `isFile` where it is known to be no directory. */
  ignores(path: string, isFile?: boolean): boolean;
  isControl(path: string): boolean;
  /** The path relative to the context's folder; undefined outside it. */
  relative(path: string): string | undefined;
}

/** The plan for a project's files: ignored folders are never subscribed to, Dockerfile and ignore files always are. */
export function watchPlan({ root, patterns, control }: WatchedFiles): WatchPlan {
  const matcher = patternMatcher(patterns);
  const controls = new Set(control);
  const onTheWay = new Set<string>();
  for (const path of control) {
    for (let at = dirname(path); !onTheWay.has(at); at = dirname(at)) onTheWay.add(at);
  }
  const below = root.endsWith('/') ? root : `${root}/`;
  const relative = (path: string): string | undefined => {
    if (path === root) return '';
    return path.startsWith(below) ? path.slice(below.length) : undefined;
  };
  /** Verdicts on directories, which are asked for again with each of their entries. */
  const verdicts = new Map<string, number>([['', -1]]);
  const verdictOn = (path: string): number => {
    const known = verdicts.get(path);
    if (known !== undefined) return known;
    const verdict = matcher.decide(path, verdictOn(path.slice(0, Math.max(0, path.lastIndexOf('/')))));
    return verdict;
  };
  const directoryVerdict = (path: string): number => {
    const verdict = verdictOn(path);
    if (verdicts.size > 10_000) verdicts.clear();
    verdicts.set(path, verdict).set('', -1);
    return verdict;
  };

  return {
    folders: [root, ...new Set(control.map((path) => dirname(path)))].filter(
      (folder, i) => i === 0 || relative(folder) === undefined,
    ),
    relative,
    isControl: (path) => controls.has(path),
    ignores(path, isFile = false) {
      if (controls.has(path) || onTheWay.has(path)) return false;
      const inside = relative(path);
      if (inside === undefined) return true;
      if (inside === '') return false;
      const parent = inside.slice(0, Math.max(0, inside.lastIndexOf('/')));
      const verdict = matcher.decide(inside, directoryVerdict(parent));
      return matcher.selects(verdict) && (isFile || matcher.canPrune(inside, verdict));
    },
  };
}
