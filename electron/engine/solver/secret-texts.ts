import type { BuildGraph } from '../graph/build-graph.ts';
import type { RunResources } from '../ops/run-resources.ts';
import { looksSecret } from './secret-names.ts';

/** Values that nobody should read in an explanation: of variables with such names, and the secrets that are text. */
export function secretTexts(
  graph: BuildGraph,
  { secrets }: Pick<RunResources, 'secrets'>,
): readonly string[] {
  const named = graph.steps.flatMap(({ written, definition }) => [
    ...Object.entries(written.variables),
    ...(definition.op === 'run' ? definition.env.map(splitPair) : []),
  ]);
  const texts = [...secrets.values()].map((data) => Buffer.from(data).toString('utf8').trim());
  return [...new Set([...named.flatMap(([name, value]) => (looksSecret(name) ? [value] : [])), ...texts])];
}

function splitPair(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}
