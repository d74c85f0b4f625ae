import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '../../../electron/engine/base/remove-tree.ts';
import type { BuildRequest } from '../../../electron/engine/build/build-request.ts';
import { createEngine } from '../../../electron/engine/engine.ts';
import type { BuildEvent } from '../../../shared/build-events.ts';
import { startSlipway, type RunningCli } from './cli.ts';
import { listDirectory } from './listing.ts';
import { writeTree, type Tree } from './tree.ts';

/** What every project of {@link openBench} has as its first stage, called `base`: busybox, and the users root and app. */
const BASE = `FROM scratch AS base
COPY busybox /bin/busybox
COPY busybox /bin/sh
COPY passwd /etc/passwd
`;
export const BASE_FILES: readonly string[] = ['bin', 'bin/busybox', 'bin/sh', 'etc', 'etc/passwd'];

export interface Built {
  readonly log: string;
  /** How the steps ended, the base's among them. */
  readonly states: readonly string[];
  /** Paths of the image, sorted. */
  readonly files: readonly string[];
}

export interface Given extends Partial<BuildRequest> {
  /** More files of the project. */
  readonly tree?: Tree;
  /** Whether the image's files are looked at. */
  readonly wanted?: boolean;
}

/** A store with an engine on it, and projects to build with RUN. */
export interface RunBench extends AsyncDisposable {
  /** A folder for everything. */
  readonly place: string;
  /** Builds these lines on the base, always from the same folder, so that steps are found again. */
  build(text: string, given?: Given): Promise<Built>;
  /** The same in a process of its own; its context has nothing besides the base. */
  start(text: string, words?: readonly string[], env?: Readonly<Record<string, string>>): Promise<RunningCli>;
}

/** Makes a folder with an empty store in it. */
export async function openBench(): Promise<RunBench> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const store = join(place, 'store');
  const engine = await createEngine({ store });
  const started: RunningCli[] = [];
  let count = 0;

  async function project(name: string, text: string, tree: Tree): Promise<string> {
    const folder = join(place, name);
    await rm(folder, { recursive: true, force: true });
    mkdirSync(folder);
    execFileSync('cp', ['/bin/busybox', folder]);
    const passwd = 'root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n';
    await writeTree(folder, { passwd, Dockerfile: BASE + text, ...tree });
    return folder;
  }

  return {
    place,
    async build(text, { tree = {}, wanted = true, ...given } = {}) {
      const folder = await project('project', text, tree);
      const events: BuildEvent[] = [];
      const output = join(place, `out-${count++}`);
      await engine.build(
        {
          folder,
          tags: [],
          buildArgs: {},
          labels: {},
          noCache: false,
          trigger: { kind: 'manual' },
          outputs: wanted ? [{ type: 'local', destination: output }] : [],
          ...given,
        },
        { onEvents: (batch) => events.push(...batch) },
      );
      return {
        log: events.map((event) => (event.type === 'step.log' ? event.text : '')).join(''),
        states: events.flatMap((event) => (event.type === 'step.finished' ? [event.state] : [])),
        files: wanted ? [...listDirectory(output).keys()] : [],
      };
    },
    async start(text, words = [], env = {}) {
      const folder = await project(`other-${randomUUID()}`, text, {});
      const running = startSlipway(['build', '--progress=plain', ...words, folder], {
        env: { SLIPWAY_STORE: store, ...env },
      });
      started.push(running);
      return running;
    },
    async [Symbol.asyncDispose]() {
      // A test that failed may have left some.
      for (const { child } of started) child.kill('SIGKILL');
      await Promise.all(started.map(({ result }) => result));
      await engine.close();
      // Files in it may belong to other users.
      await removeTree(place);
    },
  };
}

/** The lines of a text that are not empty. */
export function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** The argument lists of all processes that there are. */
export function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      } catch {
        return [];
      }
    });
}
