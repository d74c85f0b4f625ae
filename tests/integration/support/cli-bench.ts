import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { slipway, type CliResult } from './cli.ts';
import { writeTree, type Tree } from './tree.ts';

/** Two stages, three steps that make layers, and something to set from outside. */
export const SMALL_PROJECT: Tree = {
  Dockerfile: `FROM scratch AS base
ARG WHO=nobody
LABEL who=$WHO
COPY a.txt /a.txt
FROM base
WORKDIR /w
COPY b.txt ./
CMD ["/a.txt"]
`,
  'a.txt': 'a',
  'b.txt': 'b',
};

/** What `slipway inspect` and `images --json` print of an image, as far as tests look. */
export interface Inspected {
  readonly id: string;
  readonly config: string;
  readonly references: readonly string[];
  readonly platform: string;
  readonly configJson: { readonly config: { readonly Labels?: Record<string, string> } };
}

/** A folder with a project and an empty store, new for every test; commands start in the folder. */
export interface CliBench {
  readonly place: () => string;
  readonly project: () => string;
  /** Named by $SLIPWAY_STORE. */
  readonly store: () => string;
  readonly cli: (...args: string[]) => Promise<CliResult>;
  /** `slipway build … project` */
  readonly build: (...args: string[]) => Promise<CliResult>;
  /** Runs a command that must succeed and print JSON. */
  readonly json: <T>(...args: string[]) => Promise<T>;
}

/** Call at the top of a test file. */
export function useCliBench(): CliBench {
  let place = '';
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
    mkdirSync(join(place, 'project'));
    await writeTree(join(place, 'project'), SMALL_PROJECT);
  });
  afterEach(() => rm(place, { recursive: true, force: true }));

  const project = (): string => join(place, 'project');
  const store = (): string => join(place, 'store');
  const cli = (...args: string[]): Promise<CliResult> =>
    slipway(args, { cwd: place, env: { SLIPWAY_STORE: store() } });
  return {
    place: () => place,
    project,
    store,
    cli,
    build: (...args) => cli('build', ...args, project()),
    async json<T>(...args: string[]) {
      const { code, stdout, stderr } = await cli(...args);
      if (code !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as T;
    },
  };
}
