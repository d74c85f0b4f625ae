import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '../../../electron/engine/base/remove-tree.ts';
import { createWorkerPool } from '../../../electron/engine/base/worker-pool.ts';
import { build } from '../../../electron/engine/build/build.ts';
import type { BuildRequest } from '../../../electron/engine/build/build-request.ts';
import type { ShellOptions } from '../../../electron/engine/debug/open-shell.ts';
import { createShells, type PseudoTerminal, type Shells } from '../../../electron/engine/debug/shells.ts';
import { createExecutor } from '../../../electron/engine/executor/executor.ts';
import { openEngineStore } from '../../../electron/engine/open-engine-store.ts';
import type { Store } from '../../../electron/engine/store/store.ts';
import type { BuildEvent } from '../../../shared/build-events.ts';
import { servicesOver } from '../../support/build-services.ts';
import { writeTree, type Tree } from './tree.ts';

/** What every project has as its first stage, called `base`: busybox, and the users root and app. */
export const BASE = `FROM scratch AS base
COPY busybox /bin/busybox
COPY busybox /bin/sh
COPY passwd /etc/passwd
`;

/** A store, builds in it that fail, and shells in what they leave. */
export interface ShellBench extends AsyncDisposable {
  readonly place: string;
  readonly store: Store;
  readonly shells: Shells;
  /** Builds these lines on the base in the project of this name; answers the id of the build, which fails if they do. */
  build(
    text: string,
    given?: Partial<BuildRequest> & { readonly tree?: Tree },
    name?: string,
  ): Promise<string>;
  /** Runs a script in what a build left. */
  run(
    buildId: string,
    script: string,
    options?: Partial<ShellOptions> & { readonly step?: string },
  ): Promise<Ran>;
}

export interface Ran {
  readonly code: number;
  /** With the line ends of texts. */
  readonly text: string;
}

/** Makes a folder with an empty store in it; without overlays where `overlays` is false. */
export async function openShellBench(overlays = true): Promise<ShellBench> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-shells-'));
  const pool = createWorkerPool(2);
  const store = await openEngineStore(join(place, 'store'), pool, () => new Date());
  const executor = createExecutor({ store, pool, overlays });
  const shells = createShells({ store, executor });

  return {
    ...{ place, store, shells },
    async build(text, { tree = {}, ...given } = {}, name = 'project') {
      const folder = join(place, name);
      await rm(folder, { recursive: true, force: true });
      mkdirSync(folder);
      execFileSync('cp', ['/bin/busybox', folder]);
      const passwd = 'root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n';
      await writeTree(folder, { passwd, Dockerfile: BASE + text, ...tree });
      const plain = {
        tags: [],
        buildArgs: {},
        labels: {},
        noCache: false,
        trigger: { kind: 'manual' as const },
      };
      let buildId = '';
      const onEvents = (events: readonly BuildEvent[]): void => {
        for (const event of events) if (event.type === 'build.started') buildId = event.buildId;
      };
      await build(
        { ...servicesOver(store, pool), executor },
        { folder, ...plain, ...given },
        { onEvents },
      ).catch((error: unknown) => {
        if ((error as { code?: string }).code !== 'RUN_FAILED') throw error;
      });
      return buildId;
    },
    async run(buildId, script, options = {}) {
      const command = ['/bin/busybox', 'sh', '-c', script];
      const screen = createScreen();
      const code = await shells.open(
        buildId,
        { when: 'after', command, io: screen.io, ...options },
        new AbortController().signal,
      );
      return { code, text: screen.text().replaceAll('\r\n', '\n') };
    },
    async [Symbol.asyncDispose]() {
      store.close();
      await pool.close();
      await removeTree(place);
    },
  };
}

/** What a person in front of a terminal sees and does. */
export interface Screen {
  readonly io: Extract<ShellOptions['io'], { kind: 'pty' }>;
  /** The end of the output, up to 64 KiB. */
  text(): string;
  /** How many bytes came. */
  bytes(): number;
  /** Waits until the output has this, and forgets it with all before it. */
  sees(text: string): Promise<void>;
  type(text: string): Promise<void>;
  readonly terminal: Promise<PseudoTerminal>;
}

export function createScreen(onData: (data: Buffer) => void | Promise<void> = () => undefined): Screen {
  const opened = Promise.withResolvers<PseudoTerminal>();
  const lookers = new Set<() => void>();
  let seen = '';
  let bytes = 0;
  return {
    io: {
      kind: 'pty',
      size: { columns: 91, rows: 33 },
      onOpen: opened.resolve,
      onData(data) {
        bytes += data.length;
        seen = (seen + data.toString()).slice(-65_536);
        for (const look of lookers) look();
        return onData(data);
      },
    },
    text: () => seen,
    bytes: () => bytes,
    terminal: opened.promise,
    type: async (text) => (await opened.promise).write(text),
    sees: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          const at = seen.indexOf(text);
          if (at < 0) return;
          seen = seen.slice(at + text.length);
          lookers.delete(look);
          resolve();
        };
        lookers.add(look);
        look();
      }),
  };
}
