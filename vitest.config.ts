import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Unit tests sit beside their source; the other suites are folders under tests/. Each is a project, so that the summary counts it. */
export default defineConfig({
  test: {
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        // The window's state modules are written with runes.
        plugins: [svelte({ configFile: false })],
        test: { name: 'unit', include: ['{electron,shared,renderer,build}/**/*.test.ts'] },
      },
      { extends: true, test: { name: 'conformance', include: ['tests/conformance/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'integration', include: ['tests/integration/**/*.test.ts'], testTimeout: 300_000 },
      },
      {
        extends: true,
        test: { name: 'faults', include: ['tests/faults/**/*.test.ts'], testTimeout: 300_000 },
      },
      {
        extends: true,
        // What differs for somebody who is not root; build/test.mjs runs it as a user made for it.
        test: {
          name: 'user',
          include: [
            'tests/integration/run*.test.ts',
            'tests/faults/run-*.test.ts',
            'tests/faults/hostile-*.test.ts',
            'electron/engine/context/walk.test.ts',
            'electron/ipc/inspect-drop.test.ts',
          ],
          testTimeout: 300_000,
        },
      },
    ],
  },
});
