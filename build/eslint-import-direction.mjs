import { dirname, relative, resolve, sep } from 'node:path';

/**
 * Imports run one way. Each area of the tree, longest path first in effect, names the areas it may import besides itself;
 * an area not named here may import anything. `shared` may be imported everywhere and imports nothing.
 */
const ENGINE = 'electron/engine';
/** @param {readonly string[]} names */
const engine = (...names) => names.map((name) => `${ENGINE}/${name}`);
const SOLVER_READS = engine(
  'base',
  'dockerfile',
  'context',
  'graph',
  'ops',
  'layer',
  'store',
  'image',
  'executor',
);

/** @type {Readonly<Record<string, readonly string[]>>} */
export const ALLOWED = {
  shared: [],
  renderer: [],
  'electron/page': [],
  'electron/engine/base': [],
  'electron/engine/layer': engine('base'),
  'electron/engine/store': engine('base', 'layer', 'image'),
  'electron/engine/image': engine('base', 'layer', 'store'),
  'electron/engine/dockerfile': engine('base'),
  'electron/engine/context': engine('base', 'layer'),
  'electron/engine/executor': engine('base', 'layer', 'store', 'image'),
  'electron/engine/registry': engine('base', 'layer', 'store', 'image'),
  'electron/engine/ops': engine('base', 'layer', 'context', 'dockerfile', 'image', 'store', 'executor'),
  'electron/engine/graph': engine('base', 'dockerfile', 'image', 'ops', 'layer', 'store'),
  'electron/engine/solver': SOLVER_READS,
  'electron/engine': [...SOLVER_READS, ...engine('solver', 'registry', 'api', 'remote')],
  'electron/watcher': engine('base', 'context'),
  'electron/ipc': [ENGINE, ...engine('base', 'context'), 'electron/watcher'],
  'electron/desktop': ['electron/ipc', 'electron/page', ENGINE, ...engine('base')],
  'electron/serve': ['electron/ipc', 'electron/page', ENGINE, ...engine('base')],
};

/** The only places that may import the module `electron`. */
const ELECTRON_USERS = ['electron/desktop', 'electron/main.ts', 'electron/preload.ts', 'tests/e2e'];

const AREAS = Object.keys(ALLOWED).sort((a, b) => b.length - a.length);

/**
 * The area a file (relative, with forward slashes) belongs to; undefined where no rule is set for it.
 * @param {string} file
 */
function areaOf(file) {
  return AREAS.find((area) => file === area || file.startsWith(`${area}/`));
}

/**
 * Why `file` may not import `specifier`, in one sentence; undefined where it may. Tests may import anything.
 * @param {string} file relative to the repository, with forward slashes
 * @param {string} specifier as written
 * @returns {string | undefined}
 */
export function refusal(file, specifier) {
  if (/\.test\.ts$/.test(file)) return undefined;
  if (specifier === 'electron') {
    const allowed = ELECTRON_USERS.some((user) => file === user || file.startsWith(`${user}/`));
    return allowed ? undefined : `Only electron/desktop, main.ts and preload.ts import 'electron'.`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const from = areaOf(file);
  if (from === undefined) return undefined;
  const target = relative('/', resolve('/', dirname(file), specifier))
    .split(sep)
    .join('/');
  const to = areaOf(target);
  if (to === from || to === 'shared') return undefined;
  if (to !== undefined && ALLOWED[from]?.includes(to)) return undefined;
  return `${from} must not import ${to ?? target}: imports run one way (build/eslint-import-direction.mjs).`;
}

/** @type {import('eslint').Rule.RuleModule} */
export const importDirection = {
  meta: {
    type: 'problem',
    schema: [],
    docs: { description: 'Holds the direction of imports between folders.' },
  },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    /** @param {any} node */
    const check = (node) => {
      const source = node.source;
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const message = refusal(file, source.value);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
