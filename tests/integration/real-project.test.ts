import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileLine } from './parity/parity-case.ts';
import { slipway, type CliResult } from './support/cli.ts';
import { listDirectory, listingText, type Listing } from './support/listing.ts';
import { IS_ROOT, openPeers, type Peers } from './support/peers.ts';
import { makeProject } from './support/project.ts';

/** A project of a real size through the command line, seen with the eyes of other tools. */

const REFERENCE = 'example.com/team/real:1.2';
const HISTORY = [
  'ARG APP_VERSION=1.2',
  'LABEL org.opencontainers.image.title=real project org.opencontainers.image.version=1.2',
  'COPY --chown=65532:65532 /app /app # buildkit',
  'COPY /usr /usr # buildkit',
  'COPY --chown=10:20 --chmod=0750 config/*.json /etc/app/ # buildkit',
  'ENV NODE_ENV=production VERSION=1.2',
  'WORKDIR /app',
  'USER 65532',
  'EXPOSE [8080/tcp]',
  'VOLUME [/data]',
  'STOPSIGNAL SIGTERM',
  'ENTRYPOINT ["/usr/local/bin/start"]',
  'CMD ["--port" "8080"]',
];
const CONFIG = {
  Env: [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'NODE_ENV=production',
    'VERSION=1.2',
  ],
  WorkingDir: '/app',
  User: '65532',
  ExposedPorts: { '8080/tcp': {} },
  Volumes: { '/data': {} },
  StopSignal: 'SIGTERM',
  Entrypoint: ['/usr/local/bin/start'],
  Cmd: ['--port', '8080'],
  Labels: {
    'org.opencontainers.image.title': 'real project',
    'org.opencontainers.image.version': '1.2',
    extra: 'by flag',
  },
};

let peers: Peers;
let project: string;
let store: string;
let first: Metadata;

describe.runIf(IS_ROOT)('a real project', () => {
  beforeAll(async () => {
    peers = await openPeers();
    project = await makeProject();
    store = join(peers.directory, 'store');
    first = metadata(await build('--json'));
  });

  afterAll(async () => {
    await rm(project, { recursive: true, force: true });
    await peers.close();
  });

  describe('what other tools see', () => {
    test('the project is of a real size', () => {
      expect(listDirectory(project).size).toBeGreaterThan(500);
    });

    test('skopeo reads the store itself', async () => {
      const name = `oci:${store}:${REFERENCE}`;
      const config = JSON.parse(await peers.skopeo('inspect', '--config', '--raw', name)) as {
        config: object;
        history: { created_by: string }[];
      };
      expect(config.config).toMatchObject(CONFIG);
      expect(config.history.map((entry) => entry.created_by)).toEqual(HISTORY);
      const { Digest } = JSON.parse(await peers.skopeo('inspect', name)) as { Digest: string };
      expect(Digest).toBe(first['containerimage.digest']);
    });

    test.each(['oci-archive', 'docker-archive'])(
      'skopeo copies it to an %s that podman loads; config, history and every file are what the Dockerfile asks for',
      async (transport) => {
        const archive = join(peers.directory, `${transport}.tar`);
        await peers.skopeo('copy', '-q', `oci:${store}:${REFERENCE}`, `${transport}:${archive}:${REFERENCE}`);
        await expectLoaded(archive);
        rmSync(archive);
      },
    );

    test.each(['oci', 'docker'])('podman loads what --output type=%s writes', async (type) => {
      const archive = join(peers.directory, `output-${type}.tar`);
      const { code } = await build('--output', `type=${type},dest=${archive}`);
      expect(code).toBe(0);
      await expectLoaded(archive);
      rmSync(archive);
    });

    test('--output type=local and type=tar hold the same files', async () => {
      const local = join(peers.directory, 'local');
      const tar = join(peers.directory, 'rootfs.tar');
      const unpacked = join(peers.directory, 'unpacked');
      const { code } = await build('-o', `type=local,dest=${local}`, '-o', `type=tar,dest=${tar}`);
      expect(code).toBe(0);
      mkdirSync(unpacked);
      await peers.unpack(tar, unpacked);
      const expected = listingText(expectedFiles(listDirectory(project)));
      expect(listingText(listDirectory(local))).toBe(expected);
      expect(listingText(listDirectory(unpacked))).toBe(expected);
    });
  });

  describe('building again', () => {
    test('unchanged: every step is cached and the image is the same', async () => {
      const again = await build('--json', '--progress=plain');
      expect(metadata(again)).toMatchObject({
        'containerimage.digest': first['containerimage.digest'],
        'containerimage.config.digest': first['containerimage.config.digest'],
      });
      const steps = stepStates(again);
      expect(steps.size).toBe(13);
      expect(new Set(steps.values())).toEqual(new Set(['CACHED']));
    });

    test('a changed file: the steps that take it and those after them run, no others', async () => {
      appendFileSync(join(project, 'electron/main.ts'), '\n// changed\n');
      const changed = await build('--json', '--progress=plain');
      expect(metadata(changed)['containerimage.digest']).not.toBe(first['containerimage.digest']);
      expect([...stepStates(changed)].filter(([, state]) => state === 'DONE').map(([step]) => step)).toEqual([
        '[assemble 1/4] COPY --from=source /src/electron/ electron/',
        '[assemble 2/4] COPY --from=source /src/shared shared',
        '[assemble 3/4] COPY --chmod=755 bin/* /usr/local/bin/',
        '[assemble 4/4] COPY <<VERSION version.txt',
        '[source 2/2] COPY . .',
        '[stage-3 1/4] COPY --from=assemble --chown=65532:65532 /app /app',
        '[stage-3 2/4] COPY --from=assemble /usr /usr',
        '[stage-3 3/4] COPY --chown=10:20 --chmod=0750 config/*.json /etc/app/',
        '[stage-3 4/4] WORKDIR /app',
      ]);
      const archive = join(peers.directory, 'changed.tar');
      await peers.skopeo('copy', '-q', `oci:${store}:${REFERENCE}`, `oci-archive:${archive}:${REFERENCE}`);
      await expectLoaded(archive);
    });

    test('a file that .dockerignore leaves out changes nothing', async () => {
      const before = metadata(await build('--json'));
      appendFileSync(join(project, 'secrets/key.pem'), 'other');
      const after = await build('--json', '--progress=plain');
      expect(metadata(after)['containerimage.digest']).toBe(before['containerimage.digest']);
      expect(new Set(stepStates(after).values())).toEqual(new Set(['CACHED']));
    });
  });
});

type Metadata = Readonly<Record<'containerimage.digest' | 'containerimage.config.digest', string>>;

function build(...args: string[]): Promise<CliResult> {
  const fixed = ['-t', REFERENCE, '--build-arg', 'APP_VERSION=1.2', '--label', 'extra=by flag'];
  return slipway(['build', '--store', store, ...fixed, ...args, project]);
}

function metadata({ code, stdout, stderr }: CliResult): Metadata {
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Metadata;
}

/** How each step ended, in plain progress: `[stage 1/2] COPY …` → CACHED or DONE; sorted. */
function stepStates({ stderr }: CliResult): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const states = new Map<string, string>();
  for (const line of stderr.split('\n')) {
    const [, id = '', text = ''] = /^#(\d+) (.*)$/.exec(line) ?? [];
    if (/^\[(?!internal)/.test(text)) names.set(id, text);
    const state = /^(CACHED|DONE)\b/.exec(text)?.[1];
    if (state !== undefined && names.has(id)) states.set(names.get(id)!, state);
  }
  return new Map([...states].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Loads an archive into podman and compares what it then has with what the Dockerfile asks for. */
async function expectLoaded(archive: string): Promise<void> {
  await peers.podman('load', '-q', '-i', archive);
  const [image] = JSON.parse(await peers.podman('inspect', REFERENCE)) as [
    { RepoTags: string[]; Config: object; History: { created_by: string }[]; Size: number },
  ];
  expect(image.RepoTags).toEqual([REFERENCE]);
  expect(image.Config).toMatchObject(CONFIG);
  expect(image.History.map((entry) => entry.created_by)).toEqual(HISTORY);
  const files = listDirectory(await peers.mount(REFERENCE));
  expect(listingText(files)).toBe(listingText(expectedFiles(listDirectory(project))));
  await peers.podman('rmi', REFERENCE);
}

/** What the project's Dockerfile makes of its context. */
function expectedFiles(context: Listing): Listing {
  const expected = new Map<string, string>();
  const add = (line: string, path: string): void => void expected.set(path, line);
  const folder = (path: string, owner: string): void => add(`dir 0755 ${owner} - ${path}`, path);
  const app = '65532:65532';
  for (const path of ['app/electron', 'app/node_modules', 'app/shared']) folder(path, app);
  for (const path of ['usr', 'usr/local', 'usr/local/bin']) folder(path, '0:0');
  folder('app', app);
  // Folders that COPY makes on the way get --chmod and --chown too.
  for (const path of ['etc', 'etc/app']) add(`dir 0750 10:20 - ${path}`, path);
  add(fileLine(`0644 ${app}`, 'app/version.txt', 'version 1.2\n'), 'app/version.txt');
  for (const [path, line] of context) {
    const ignored =
      /\.test\.ts$|\.md$|^secrets|^\.git/.test(path) && path !== 'node_modules/svelte/README.md';
    if (ignored) continue;
    if (/^(package(-lock)?\.json$|node_modules\/|electron\/|shared\/)/.test(path)) {
      add(moved(line, path, `app/${path}`, undefined, app), `app/${path}`);
    } else if (/^bin\//.test(path)) {
      add(moved(line, path, `usr/local/${path}`, '0755', '0:0'), `usr/local/${path}`);
    } else if (/^config\/.*\.json$/.test(path)) {
      const target = path.replace('config', 'etc/app');
      add(moved(line, path, target, '0750', '10:20'), target);
    }
  }
  return inOrder(expected);
}

function moved(line: string, path: string, target: string, mode: string | undefined, owner: string): string {
  const [type = '', before = '', , size = '', ...rest] = line.split(' ');
  const tail = rest.join(' ').slice(path.length);
  return `${type} ${mode ?? before} ${owner} ${size} ${target}${tail}`;
}

/** In the order of a walk: names sorted folder by folder. */
function inOrder(listing: Listing): Listing {
  const key = (path: string): string => path.replaceAll('/', '\0');
  return new Map([...listing].sort(([a], [b]) => (key(a) < key(b) ? -1 : 1)));
}
