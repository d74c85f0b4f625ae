import type { RealCase } from './real-case.ts';

const PACKAGE = {
  name: 'app',
  version: '1.0.0',
  private: true,
  type: 'module',
  scripts: { build: 'node build.js' },
  dependencies: { ms: '2.1.3' },
  devDependencies: { semver: '7.6.3' },
};

const LOCK = {
  name: PACKAGE.name,
  version: PACKAGE.version,
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': PACKAGE,
    'node_modules/ms': {
      version: '2.1.3',
      integrity:
        'sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==',
      license: 'MIT',
    },
    'node_modules/semver': {
      version: '7.6.3',
      integrity:
        'sha512-oVekP1cKtI+CTDvHWYFUcMtsK/00wmAEfyqKfNdARm8u1wNVhSgaX7A8d4UuIlUI5e84iEwOhs7ZPYRmzU9U6A==',
      dev: true,
      license: 'ISC',
      bin: { semver: 'bin/semver.js' },
      engines: { node: '>=10' },
    },
  },
};

const APP = {
  'package.json': JSON.stringify(PACKAGE, undefined, 2),
  'package-lock.json': JSON.stringify(LOCK, undefined, 2),
  'src/main.js': `import ms from 'ms';\nconsole.log(ms('2 days'));\n`,
  'build.js': `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import semver from 'semver';
mkdirSync('dist');
writeFileSync('dist/main.js', '// ' + semver.inc('1.0.0', 'minor') + '\\n' + readFileSync('src/main.js', 'utf8'));
`,
  'node_modules/stale/index.js': 'never copied',
  '.dockerignore': 'node_modules\n*.log\n',
};

/** Apps of Node; npm's registry is the one that this machine uses. */
export const NODE_CASES: readonly RealCase[] = [
  {
    name: 'an app built in stages, for production only what it needs',
    dockerfile: `FROM localhost/node AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci && rm -rf /root/.npm

FROM deps AS build
COPY . .
RUN npm run build && npm prune --omit=dev && rm -rf /root/.npm

FROM localhost/node
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/dist ./dist
COPY --chown=node:node package.json .
USER node
RUN node dist/main.js > /tmp/ran
EXPOSE 3000
HEALTHCHECK --interval=30s CMD ["node", "-e", "process.exit(0)"]
CMD ["node", "dist/main.js"]
`,
    context: APP,
    asUser: true,
  },
  {
    name: 'npm install as another user',
    dockerfile: `FROM localhost/node
USER node
WORKDIR /home/node/app
COPY --chown=node:node package*.json ./
RUN npm ci --omit=dev && rm -rf ~/.npm && stat -c '%U %n' node_modules/* > owners
COPY --chown=node:node src src
CMD ["node", "src/main.js"]
`,
    context: APP,
    alone: 'refused',
  },
];
