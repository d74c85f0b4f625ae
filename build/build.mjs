// @ts-check
/** Builds out/: the main process with its command line and workers, the preload script, and the window. */
import { join } from 'node:path';
import { build } from 'vite';
import { root } from './setup.mjs';

for (const part of ['main', 'preload', 'renderer']) {
  await build({ configFile: join(root, 'build', `vite.${part}.config.ts`), logLevel: 'warn' });
}
