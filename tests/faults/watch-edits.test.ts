import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { watchFolder } from '../support/watched-folder.ts';
import { createEditor } from './watch-edits.ts';

const EDITS = 1_000;
const EDITS_AT_ONCE = 25;

describe('random edits of a watched folder', () => {
  test.for(['finish', 'restart'] as const)(
    'after each the image is what a build from scratch makes, byte for byte (%s)',
    { timeout: 300_000 },
    async (whileBuilding) => {
      const seed = Number(process.env['WATCH_SEED'] ?? (whileBuilding === 'finish' ? 20_261_125 : 4_711));
      await using watched = await watchFolder({
        whileBuilding,
        prepare(folder) {
          mkdirSync(join(folder, 'a1'), { recursive: true });
          writeFileSync(join(folder, 'a1/a2'), 'first');
          writeFileSync(
            join(folder, 'Dockerfile'),
            'FROM scratch\nCOPY . /all/\nWORKDIR /w\nCOPY --parents a* ./\n',
          );
        },
      });
      await watched.until(({ phase, unchanged }) => phase === 'watching' && unchanged);
      const editor = createEditor(watched.folder, seed);
      for (let round = 0; round < EDITS / 2 / EDITS_AT_ONCE; round++) {
        const before = watched.builds.length;
        const done: string[] = [];
        for (let i = 0; i < EDITS_AT_ONCE; i++) done.push(editor.edit());
        // Of equal content an earlier layer would be kept, with its times.
        editor.mark();
        // A file that changed while it was read is built once more.
        await watched.until(({ phase }) => phase === 'watching' && watched.builds.length > before);
        const { summary } = watched.builds.at(-1)!;
        expect(summary?.outcome, summary?.error?.message).toBe('succeeded');
        expect(summary?.image?.id, `seed ${seed}, round ${round}: ${done.join(', ')}`).toBe(
          await watched.fromScratch(),
        );
      }
    },
  );
});
