import { chmodSync, cpSync, existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeTree } from './tree.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const DOCKERFILE = `# syntax=docker/dockerfile:1
ARG APP_VERSION=0.0
FROM scratch AS deps
WORKDIR /app
COPY package.json package-lock.json ./
COPY node_modules/ node_modules/

FROM scratch AS source
WORKDIR /src
COPY . .

FROM deps AS assemble
ARG APP_VERSION
COPY --from=source /src/electron/ electron/
COPY --from=source /src/shared shared
COPY --chmod=755 bin/* /usr/local/bin/
COPY <<VERSION version.txt
version $APP_VERSION
VERSION

FROM scratch
ARG APP_VERSION
LABEL org.opencontainers.image.title="real project" org.opencontainers.image.version=$APP_VERSION
COPY --from=assemble --chown=65532:65532 /app /app
COPY --from=assemble /usr /usr
COPY --chmod=0750 --chown=10:20 config/*.json /etc/app/
ENV NODE_ENV=production VERSION=\${APP_VERSION}
WORKDIR /app
USER 65532
EXPOSE 8080
VOLUME ["/data"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/start"]
CMD ["--port", "8080"]
`;

const IGNORED = `# what no image needs
**/*.test.ts
**/*.md
!node_modules/svelte/README.md
secrets
.git
Dockerfile
.dockerignore
`;

/** A project with several stages and more than 500 files, made from this repository's own, in a new folder. */
export async function makeProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-project-'));
  chmodSync(folder, 0o755);
  const parts = [
    'electron',
    'shared',
    'renderer',
    'node_modules/svelte',
    'package.json',
    'package-lock.json',
  ];
  for (const part of parts.filter((name) => existsSync(join(ROOT, name)))) {
    cpSync(join(ROOT, part), join(folder, part), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
  }
  await writeTree(folder, {
    Dockerfile: DOCKERFILE,
    '.dockerignore': IGNORED,
    'bin/start': { text: '#!/bin/sh\nexec node electron/main.ts "$@"\n', mode: 0o644 },
    'bin/stop': { text: '#!/bin/sh\n', mode: 0o600 },
    'config/app.json': '{"a":1}',
    'config/extra.json': '{}',
    'config/notes.txt': 'not taken',
    'secrets/key.pem': 'secret',
    'node_modules/.bin/tool': { symlink: '../svelte/package.json' },
    '.git/HEAD': 'ref: refs/heads/main',
  });
  return folder;
}
