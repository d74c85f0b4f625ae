import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What is not bundled: the host itself, and the package that finds its binary beside its own files. Everything else is, since
 * one file loads several times faster than the hundred that the packages consist of.
 */
const external = ['electron', 'better-sqlite3'];

/**
 * Everything that runs in Node: the desktop app's main process, the command line, serve and the worker thread. All chunks
 * lie flat in out/main, because the worker pool looks for worker.js beside its own chunk.
 */
export default defineConfig({
  root,
  publicDir: false,
  logLevel: 'warn',
  ssr: { noExternal: true, external },
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'out/main',
    emptyOutDir: true,
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: {
        main: 'electron/main.ts',
        cli: 'electron/cli.ts',
        serve: 'electron/serve.ts',
        worker: 'electron/engine/worker.ts',
        'watch-thread': 'electron/watcher/watch-thread.ts',
      },
      external: (id) =>
        id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`)),
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
