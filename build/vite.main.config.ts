import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** What ships in node_modules, or is the host itself, stays an import; everything else is bundled. */
const external = ['electron', ...Object.keys(dependencies)];

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
      },
      external: (id) =>
        id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`)),
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
