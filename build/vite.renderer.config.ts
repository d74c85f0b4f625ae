import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * The window. Nothing is inline and every reference is relative, so that the page works under the strict content security
 * policy from `app://` as well as from serve's loopback address.
 */
export default defineConfig({
  root: fileURLToPath(new URL('../renderer', import.meta.url)),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [svelte({ configFile: false })],
  build: {
    target: 'chrome148',
    outDir: fileURLToPath(new URL('../out/renderer', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_500,
    // Says nothing that could be acted on: nearly all of the time is Svelte's compiler.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
