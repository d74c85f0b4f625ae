import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import { importDirection } from './build/eslint-import-direction.mjs';

/** A static style attribute is the one thing in Svelte markup that the window's content security policy refuses. */
const noStaticStyle = {
  selector: "SvelteElement > SvelteStartTag > SvelteAttribute[key.name='style']",
  message: 'The content security policy refuses style attributes: use a class or a style: directive.',
};

export default ts.config(
  { ignores: ['out/', 'dist/', 'node_modules/', 'tests/fixtures/', 'test-results/', 'playwright-report/'] },
  ts.configs.strict,
  ts.configs.stylistic,
  svelte.configs.recommended,
  {
    plugins: { slipway: { rules: { 'import-direction': importDirection } } },
    languageOptions: { globals: globals.node },
    rules: {
      'slipway/import-direction': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // The code indexes what it has just checked; noUncheckedIndexedAccess makes every such place visible.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // It refuses `Promise.withResolvers<void>()`.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Node strips types: only erasable syntax.' },
        { selector: 'TSParameterProperty', message: 'Node strips types: only erasable syntax.' },
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
      ],
      eqeqeq: ['error', 'always'],
      'prefer-const': 'error',
      'no-var': 'error',
      'no-fallthrough': 'error',
      'no-unreachable': 'error',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-useless-escape': 'error',
      'no-useless-catch': 'error',
      'no-unsafe-finally': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-async-promise-executor': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-empty': 'error',
      'no-debugger': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
    },
  },
  {
    // Tools that ask for a default export.
    files: ['**/*.config.ts', 'eslint.config.js', 'tests/e2e/global-setup.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // Declarations of packages that have none: they follow the package, not this style.
    files: ['**/*.d.ts'],
    rules: { 'no-restricted-syntax': 'off', '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['renderer/**'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
    rules: {
      'no-restricted-syntax': ['error', noStaticStyle],
      'svelte/no-at-html-tags': 'error',
      'svelte/no-target-blank': 'error',
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
    },
  },
);
