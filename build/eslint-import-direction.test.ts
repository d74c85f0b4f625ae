import { expect, test } from 'vitest';
import { refusal } from './eslint-import-direction.mjs';

test.each([
  ['electron/engine/store/open-store.ts', '../base/errors.ts'],
  ['electron/engine/store/open-store.ts', '../../../shared/build-events.ts'],
  ['electron/engine/solver/solve.ts', '../graph/build-graph.ts'],
  ['electron/engine/engine.ts', './solver/solve.ts'],
  ['electron/ipc/services.ts', '../engine/engine.ts'],
  ['electron/desktop/window.ts', 'electron'],
  ['electron/main.ts', './desktop/window.ts'],
  ['electron/main.ts', 'electron'],
  ['renderer/main.ts', '../shared/messages.ts'],
  ['renderer/screens/A.svelte', '../state/app.svelte.ts'],
  ['electron/engine/base/errors.test.ts', '../solver/solve.ts'],
  ['shared/contract.ts', 'valibot'],
])('%s may import %s', (file, specifier) => {
  expect(refusal(file, specifier)).toBeUndefined();
});

test.each([
  ['shared/contract.ts', '../electron/engine/engine.ts'],
  ['shared/contract.ts', '../renderer/main.ts'],
  ['renderer/main.ts', '../electron/ipc/router.ts'],
  ['renderer/main.ts', 'electron'],
  ['electron/engine/engine.ts', 'electron'],
  ['electron/watcher/watch.ts', 'electron'],
  ['electron/serve.ts', 'electron'],
  ['electron/engine/base/errors.ts', '../store/store.ts'],
  ['electron/engine/dockerfile/parse.ts', '../graph/build-graph.ts'],
  ['electron/engine/store/open-store.ts', '../solver/solve.ts'],
  ['electron/engine/solver/solve.ts', '../engine.ts'],
  ['electron/engine/engine.ts', '../ipc/router.ts'],
  ['electron/ipc/router.ts', '../engine/store/open-store.ts'],
  ['electron/ipc/router.ts', '../desktop/window.ts'],
  ['electron/page/page-files.ts', '../ipc/router.ts'],
])('%s must not import %s', (file, specifier) => {
  expect(refusal(file, specifier)).toMatch(/import/);
});
