import { setImmediate } from 'node:timers/promises';
import type { PatternMatcher, Verdict } from '../base/patterns.ts';
import {
  DIRECTORY,
  FILE,
  inodeOf,
  namesOf,
  SETTLED,
  stampOf,
  UNKNOWN,
  type ContextColumns,
} from './columns.ts';
import { liveNode, type LiveNode } from './live-node.ts';

/** So many rows in one go take a few milliseconds. */
const ROWS_AT_ONCE = 4_096;

/** A walked context as a live tree, with all digests that are known. Lets other work go on meanwhile. */
export async function liveNodesOf(columns: ContextColumns, matcher: PatternMatcher): Promise<LiveNode> {
  const nameOf = namesOf(columns);
  const digests = Buffer.from(columns.digests.buffer);
  const paths: string[] = new Array(columns.count);
  const verdicts = new Map<number, Verdict>([[0, -1]]);
  paths[0] = '';
  for (let row = 1; row < columns.count; row++) {
    const parent = columns.parents[row]!;
    const name = nameOf(row);
    paths[row] = parent === 0 ? name : `${paths[parent]!}/${name}`;
    if (columns.kinds[row] === DIRECTORY)
      verdicts.set(row, matcher.decide(paths[row]!, verdicts.get(parent)!));
    if (row % ROWS_AT_ONCE === 0) await setImmediate();
  }
  const nodes: LiveNode[] = new Array(columns.count);
  // What a directory holds comes after it.
  for (let row = columns.count - 1; row >= 0; row--) {
    const kind = columns.kinds[row]!;
    const seen = {
      path: paths[row]!,
      kind,
      mode: columns.modes[row]!,
      stamp: stampOf(columns, row),
      target: columns.targets.get(row),
      inode: columns.linked[row] === 1 ? inodeOf(columns, row) : undefined,
    };
    const isDirectory = kind === DIRECTORY;
    const node = liveNode(seen, {
      included: !isDirectory || !matcher.selects(verdicts.get(row)!),
      children: isDirectory ? nodes.slice(columns.childStarts[row], columns.childEnds[row]) : [],
    });
    const known = columns.known[row]!;
    if (kind === FILE && known !== UNKNOWN) {
      node.digest = {
        hex: digests.toString('hex', row * 32, row * 32 + 32),
        settled: known === SETTLED,
      };
    }
    nodes[row] = node;
    if (row % ROWS_AT_ONCE === 0) await setImmediate();
  }
  return nodes[0]!;
}
