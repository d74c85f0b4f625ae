import { writeSync } from 'node:fs';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { fillStore, RULES } from './prune-fill.ts';

/**
 * A process that fills a store and cleans it up, without end or for a number of rounds, and says on standard output which image it has
 * named: a line each, written at once.
 *
 *   node prune-worker.ts ROOT NAME [ROUNDS]
 */
const [root = '', name = '', rounds = 'Infinity'] = process.argv.slice(2);
const store = await openStore({ root });
writeSync(1, 'open\n');
for (let round = 0; round < Number(rounds); round++) {
  const digest = await fillStore(store, `${name}-${round}`);
  writeSync(1, `named ${digest}\n`);
  await store.space.prune(RULES[round % RULES.length]!);
}
store.close();
writeSync(1, 'closed\n');
