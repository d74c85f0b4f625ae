import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onPath } from '../../../build/setup.mjs';
import { busyTree } from '../parity/bases.ts';
import { debianTar } from '../support/debian.ts';
import type { Peers } from '../support/peers.ts';
import { run } from '../support/run.ts';
import { packTree } from '../support/tree.ts';

/** The names of the bases, in a registry below `base/`, and everywhere else below `localhost/`. */
export const BASES = ['busy', 'debian', 'node', 'triggers'] as const;

/**
 * Makes the base images with the other tools, pushes them to the registry and keeps them as `localhost/NAME`: busybox with users,
 * the smallest Debian, Node and npm on it, and an image with triggers.
 */
export async function pushBases(peers: Peers, host: string): Promise<void> {
  const busy = join(peers.directory, 'busy.tar');
  await packTree(await busyTree(), busy);
  await peers.podman('import', '--change', 'CMD ["/bin/sh"]', busy, 'localhost/busy');
  const debian = await debianTar();
  await peers.podman('import', '--change', 'CMD ["bash"]', debian, 'localhost/debian');
  await buildNode(peers);
  await buildTriggers(peers);
  for (const name of BASES) {
    await peers.podman('push', '-q', '--tls-verify=false', `localhost/${name}`, `${host}/base/${name}:1`);
  }
}

const build = ['bud', '-q', '--isolation', 'chroot', '--pull-never', '--format', 'docker'];

/** The Node that runs this, this machine's npm, and how npm reaches its registry from here. */
async function buildNode(peers: Peers): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-node-'));
  try {
    await copyFile(process.execPath, join(folder, 'node'));
    const npm = dirname(dirname(await realpath(await whichNpm())));
    await run('cp', '-r', npm, join(folder, 'npm'));
    const registry = (await run('npm', 'config', 'get', 'registry')).trim();
    const authorities = process.env['NODE_EXTRA_CA_CERTS'];
    await mkdir(join(folder, 'etc'));
    await writeFile(
      join(folder, 'etc/npmrc'),
      `registry=${registry}\nupdate-notifier=false\nfund=false\naudit=false\n${authorities ? 'cafile=/usr/local/etc/ca.pem\n' : ''}`,
    );
    if (authorities) await copyFile(authorities, join(folder, 'etc/ca.pem'));
    await writeFile(join(folder, 'Dockerfile'), NODE);
    await peers.buildah(...build, '-t', 'localhost/node', folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const NODE = `FROM localhost/debian
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY etc /usr/local/etc
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
ENV NODE_DISABLE_COMPILE_CACHE=1
CMD ["node"]
`;

async function whichNpm(): Promise<string> {
  if (!onPath('npm')) throw new Error('npm is not installed.');
  return (await run('sh', '-c', 'command -v npm')).trim();
}

async function buildTriggers(peers: Peers): Promise<void> {
  const file = join(peers.directory, 'Dockerfile.triggers');
  await writeFile(file, TRIGGERS);
  await peers.buildah(...build, '-t', 'localhost/triggers', '-f', file, peers.directory);
}

const TRIGGERS = `FROM localhost/busy
WORKDIR /app
ONBUILD ARG MODE=release
ONBUILD COPY . .
ONBUILD RUN echo "built for $MODE in $(pwd)" > built && chown app: built
ONBUILD USER app
ENTRYPOINT ["/bin/cat"]
CMD ["built"]
`;
