import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The window over the fake client, built as the real one is, into `out/fake-window`. */
export default defineConfig({
  root: fileURLToPath(new URL('window', import.meta.url)),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [svelte({ configFile: false })],
  build: {
    target: 'chrome148',
    outDir: fileURLToPath(new URL('../../../out/fake-window', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_500,
  },
});
