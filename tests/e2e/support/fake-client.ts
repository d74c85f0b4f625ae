import type {
  CallInput,
  CallName,
  CallOutput,
  CallEvents,
  Change,
  Client,
  ImageDetail,
  Project,
  StreamName,
  WatchState,
} from '../../../shared/contract.ts';
import type { BuildEvent } from '../../../shared/build-events.ts';
import { completeReference } from '../../../shared/format.ts';
import { fakeBuild, fakePrediction } from './fake-builds.ts';
import { FAKE_WATCHES } from './fake-watches.ts';
import { FAKE_CHECKS, fakeTransfer } from './fake-registry.ts';
import { fakeStorage } from './fake-storage.ts';
import { KEPT_STEP, fakeShell } from './fake-shell.ts';

/** What the fake application holds: nothing, or something of everything. */
export type FakeScene = 'empty' | 'full' | 'broken';

type Handlers = {
  readonly [N in CallName]?: (input: CallInput<N>) => CallOutput<N> | Promise<CallOutput<N>>;
};

const HOUR = 3_600_000;
const digest = (seed: string): string => `sha256:${seed.repeat(64).slice(0, 64)}`;

/** A client without an application behind it, for looking at the window and for tests of it. Files dropped on it have the path `/home/me/<name>`. */
export function createFakeClient(scene: FakeScene, now: number): Client {
  const listeners = new Set<(change: Change) => void>();
  const changed = (change: Change): void => listeners.forEach((listener) => listener(change));

  const folders = ['/home/me/code/shop', '/home/me/code/site', '/home/me/code/batch-importer'];
  const builds =
    scene === 'full'
      ? [
          fakeBuild('b-run', folders[2]!, 'running', now - 4_000),
          fakeBuild('b-ok', folders[0]!, 'succeeded', now - 0.2 * HOUR),
          fakeBuild('b-bad', folders[1]!, 'failed', now - 3 * HOUR),
          fakeBuild('b-bad-run', folders[0]!, 'failed in RUN', now - 4 * HOUR),
          fakeBuild('b-stop', folders[0]!, 'cancelled', now - 26 * HOUR),
          fakeBuild('b-lost', folders[0]!, 'lost', now - 50 * HOUR),
        ]
      : [];
  let projects: Project[] =
    scene === 'full'
      ? [
          ...folders.map((folder, index): Project => {
            const name = folder.split('/').at(-1)!;
            const lastBuild = builds.find((build) => build.summary.folder === folder)?.summary;
            return {
              id: `p${index}`,
              name,
              folder,
              exists: true,
              options: { dockerfile: 'Dockerfile', tags: [`docker.io/library/${name}:latest`] },
              ...(lastBuild === undefined ? {} : { lastBuild }),
            };
          }),
          {
            id: 'p3',
            name: 'new-thing',
            folder: '/home/me/code/new-thing',
            exists: true,
            options: { dockerfile: 'Dockerfile', tags: ['docker.io/library/new-thing:latest'] },
          },
          {
            id: 'p4',
            name: 'moved-away',
            folder: '/mnt/usb/moved-away',
            exists: false,
            options: { dockerfile: 'Dockerfile', tags: [] },
          },
        ]
      : [];
  let images: ImageDetail[] = scene === 'full' ? fakeImages(now) : [];
  let started = 0;

  function image(id: string): ImageDetail {
    const found = images.find((each) => each.id === id);
    if (!found) throw { code: 'IMAGE_UNKNOWN', message: `There is no image ${id}.` };
    return found;
  }

  let watched: readonly WatchState[] = scene === 'full' ? FAKE_WATCHES : [];
  const watching = new Set<(states: readonly WatchState[]) => void>();

  const handlers: Handlers = {
    'projects.watch': ({ id, on, paused, whileBuilding }) => {
      const known = watched.find((state) => state.projectId === id);
      const others = watched.filter((state) => state !== known);
      const state: WatchState | undefined =
        on === false
          ? undefined
          : {
              ...(known ?? { ...FAKE_WATCHES[0]!, projectId: id, files: [], fileCount: 0 }),
              ...(paused === undefined ? {} : { phase: paused ? 'paused' : 'watching' }),
              ...(whileBuilding === undefined ? {} : { whileBuilding }),
            };
      watched = state ? [...others, state] : others;
      for (const listener of watching) listener(watched);
      return state ?? null;
    },
    'system.info': () => ({
      version: '0.1.0',
      host: 'serve',
      platform: 'linux/amd64',
      store: '/home/me/.local/share/slipway',
      nativeDialogs: false,
    }),
    'system.check': () => FAKE_CHECKS,
    'projects.list': () => projects,
    'projects.inspect': ({ path }) => {
      const name = path.split('/').at(-1)!;
      if (path.endsWith('.tar')) return { kind: 'archive', path, name, format: 'oci' };
      if (path.includes('none'))
        return { kind: 'unusable', path, reason: 'There is no Dockerfile in this folder.' };
      const dockerfiles = path.includes('many')
        ? ['Dockerfile', 'api.Dockerfile', 'deploy/Containerfile']
        : ['Dockerfile'];
      return { kind: 'project', folder: path, name, dockerfiles };
    },
    'projects.add': ({ folder, dockerfile }) => {
      const known = projects.find((project) => project.folder === folder);
      if (known) return known;
      const name = folder.split('/').at(-1)!;
      const project: Project = {
        id: `p${projects.length}`,
        name,
        folder,
        exists: true,
        options: { dockerfile: dockerfile ?? 'Dockerfile', tags: [`docker.io/library/${name}:latest`] },
      };
      projects = [...projects, project];
      changed('projects');
      return project;
    },
    'projects.remove': ({ id }) => {
      projects = projects.filter((project) => project.id !== id);
      changed('projects');
      return null;
    },
    'projects.setOptions': ({ id, options }) => {
      projects = projects.map((project) => (project.id === id ? { ...project, options } : project));
      changed('projects');
      return projects.find((project) => project.id === id)!;
    },
    'projects.outline': () => ({
      file: 'Dockerfile',
      stages: [
        { name: 'deps', base: 'base:24', range: place },
        { name: 'builder', base: 'deps', range: place },
        { name: 'test', base: 'deps', range: place },
        { base: 'base:24-slim', range: place },
      ],
      args: [
        { name: 'NODE_VERSION', default: '24', range: place },
        { name: 'COMMIT', range: place },
      ],
    }),
    'builds.start': ({ projectId }) => {
      const folder = projects.find((project) => project.id === projectId)!.folder;
      const build = fakeBuild(`b-new-${++started}`, folder, 'succeeded', now);
      builds.unshift(build);
      changed('builds');
      return { buildId: build.summary.id };
    },
    'builds.cancel': () => null,
    'debug.list': ({ buildId }) => (buildId === KEPT_STEP.buildId ? [KEPT_STEP] : []),
    'debug.input': () => null,
    'debug.resize': () => null,
    'builds.list': () => builds.map((build) => build.summary),
    'builds.remove': ({ buildIds }) => {
      for (const id of buildIds)
        builds.splice(
          builds.findIndex((build) => build.summary.id === id),
          1,
        );
      changed('builds');
      return null;
    },
    ...fakeStorage(scene, now, changed),
    'images.list': () => images,
    'images.get': ({ id }) => image(id),
    'images.tag': ({ id, reference }) => {
      const full = completeReference(reference);
      if (!/^[a-z0-9.:/_@-]+$/.test(full))
        throw {
          code: 'REFERENCE_INVALID',
          message: `“${reference}” is not a valid reference: names are lower-case.`,
          hint: 'For example app:1.2.',
        };
      const holder = images.find((each) => each.references.includes(full));
      images = images.map((each) => ({
        ...each,
        references:
          each.id === id
            ? [...new Set([...each.references, full])].sort()
            : each.references.filter((other) => other !== full),
      }));
      changed('images');
      return { reference: full, ...(holder && holder.id !== id ? { movedFrom: holder.id } : {}) };
    },
    'images.untag': ({ reference }) => {
      images = images.map((each) => ({
        ...each,
        references: each.references.filter((other) => other !== reference),
      }));
      changed('images');
      return null;
    },
    'images.remove': ({ id }) => {
      const freed = image(id).uniqueSize;
      images = images.filter((each) => each.id !== id);
      changed('images');
      return { freed };
    },
    'images.load': () => ({
      images: images.slice(0, 1).map((each) => each.id),
      references: ['docker.io/library/shop:latest'],
    }),
    'images.save': ({ path }) => ({ path, size: 82_430_000 }),
    'folders.list': ({ path = '/home/me/code' }) => ({
      path,
      parent: '/home/me',
      entries: [
        { name: 'batch-importer', path: `${path}/batch-importer`, kind: 'folder', hasDockerfile: true },
        { name: 'notes', path: `${path}/notes`, kind: 'folder', hasDockerfile: false },
        { name: 'shop', path: `${path}/shop`, kind: 'folder', hasDockerfile: true },
        { name: 'shop.tar', path: `${path}/shop.tar`, kind: 'file', hasDockerfile: false },
      ],
    }),
  };

  const tick = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  return {
    async call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
      await tick(5);
      if (scene === 'broken')
        throw {
          code: 'STORE_LOCKED',
          message: 'The store cannot be read: the disk reports an error.',
          hint: 'Look at /home/me/.local/share/slipway.',
        };
      const handler = handlers[name] as ((input: CallInput<N>) => CallOutput<N>) | undefined;
      if (!handler) throw { code: 'NOT_AVAILABLE', message: `${name} is not part of this fake.` };
      return handler(input);
    },
    async stream<N extends StreamName>(
      name: N,
      input: CallInput<N>,
      onEvent: (event: CallEvents<N>) => void,
      signal?: AbortSignal,
    ): Promise<CallOutput<N>> {
      const emit = onEvent as (event: unknown) => void;
      if (name === 'projects.watching') {
        emit(watched);
        watching.add(emit as (states: readonly WatchState[]) => void);
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        return null as CallOutput<N>;
      }
      if (name === 'system.changes') {
        listeners.add(emit as (change: Change) => void);
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        return null as CallOutput<N>;
      }
      if (name === 'builds.predict') {
        await tick(50);
        return fakePrediction() as CallOutput<N>;
      }
      if (name === 'images.pull' || name === 'images.push') {
        const reference = await fakeTransfer((input as { reference: string }).reference, emit, signal);
        return { reference, id: images[0]!.id } as CallOutput<N>;
      }
      if (name === 'debug.open') return fakeShell(emit, signal);
      const { buildId } = input as { buildId: string };
      const build = builds.find((each) => each.summary.id === buildId);
      if (!build) throw { code: 'BUILD_NOT_FOUND', message: `There is no build ${buildId}.` };
      const batch: readonly BuildEvent[] = build.events;
      emit(batch);
      if (build.summary.outcome === 'running')
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      return null as CallOutput<N>;
    },
    pathOf: (file) => `/home/me/${(file as { name: string }).name}`,
  };
}

const place = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 };

function fakeImages(now: number): ImageDetail[] {
  const created = (hours: number): string => new Date(now - hours * HOUR).toISOString();
  const history = [
    {
      createdAt: created(900),
      createdBy: 'COPY rootfs/ / # buildkit',
      comment: 'buildkit.dockerfile.v0',
      emptyLayer: false,
      diffId: digest('1'),
      size: 28_700_000,
      files: 3_214,
    },
    {
      createdAt: created(900),
      createdBy: 'CMD ["/bin/sh"] <img src=x onerror=window.__pwned=1> \u202egpj',
      emptyLayer: true,
    },
    {
      createdAt: created(3),
      createdBy: 'ENV NODE_ENV=production PATH=/usr/local/bin:/usr/bin:/bin',
      emptyLayer: true,
    },
    {
      createdAt: created(3),
      createdBy: 'WORKDIR /app',
      emptyLayer: false,
      diffId: digest('2'),
      size: 512,
      files: 1,
    },
    {
      createdAt: created(3),
      createdBy: 'COPY /app/node_modules node_modules # buildkit',
      emptyLayer: false,
      diffId: digest('3'),
      size: 38_912_000,
      files: 6_120,
    },
    {
      createdAt: created(3),
      createdBy:
        'RUN /bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends ca-certificates tini; rm -rf /var/lib/apt/lists/* # buildkit',
      emptyLayer: false,
      diffId: digest('4'),
      size: 12_300_000,
      files: 211,
    },
    {
      createdAt: created(0.2),
      createdBy: 'COPY /app/dist dist # buildkit',
      emptyLayer: false,
      diffId: digest('5'),
      size: 3_120_000,
      files: 184,
    },
    { createdAt: created(0.2), createdBy: 'CMD ["node" "dist/server.js"]', emptyLayer: true },
  ];
  const configJson = {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Env: ['NODE_ENV=production', 'PATH=/usr/local/bin:/usr/bin:/bin'],
      Cmd: ['node', 'dist/server.js'],
      WorkingDir: '/app',
      User: 'node',
      ExposedPorts: { '8080/tcp': {} },
      Labels: { 'org.opencontainers.image.title': 'shop', evil: '<img src=x onerror=window.__pwned=1>' },
    },
    rootfs: { type: 'layers', diff_ids: [digest('1'), digest('2')] },
    history: [],
  };
  const manifestJson = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    layers: [],
  };
  const base = { platform: 'linux/amd64', history, configJson, manifestJson };
  return [
    {
      ...base,
      id: `sha256:${'a1b2c3d4'.repeat(8)}`,
      config: digest('c0ffee00'),
      references: ['docker.io/library/shop:latest', 'ghcr.io/acme/shop:1.4'],
      createdAt: created(0.2),
      size: 82_430_000,
      uniqueSize: 3_120_000,
      layers: 5,
      origin: 'built',
      buildId: 'b-ok',
    },
    {
      ...base,
      id: digest('b7e1'),
      config: digest('d00d'),
      references: ['docker.io/library/site:latest'],
      createdAt: created(30),
      size: 54_100_000,
      uniqueSize: 12_800_000,
      layers: 4,
      origin: 'built',
    },
    {
      ...base,
      id: digest('9f3c'),
      config: digest('beef'),
      references: ['docker.io/library/base:24-slim'],
      createdAt: created(900),
      size: 28_700_000,
      uniqueSize: 0,
      layers: 1,
      origin: 'loaded',
    },
    {
      ...base,
      id: digest('77aa'),
      config: digest('feed'),
      references: [],
      createdAt: created(52),
      size: 61_000_000,
      uniqueSize: 61_000_000,
      layers: 5,
      origin: 'built',
    },
  ];
}
