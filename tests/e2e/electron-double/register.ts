import { registerHooks } from 'node:module';

/** Preloaded with --import: makes `import … from 'electron'` in the app's own sources mean the double. */
const double = new URL('./electron.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: double, shortCircuit: true } : next(specifier, context),
});
