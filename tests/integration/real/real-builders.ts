import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComparedImage } from '../parity/compare-images.ts';
import { slipway } from '../support/cli.ts';
import { listDirectory } from '../support/listing.ts';
import type { Peers } from '../support/peers.ts';
import { temporaryTree } from '../support/tree.ts';
import { withoutNature } from './by-nature.ts';
import type { RealCase } from './real-case.ts';

/** One build with flags that all builders have. */
export interface BuildOrder {
  readonly folder: string;
  readonly dockerfile: string;
  readonly flags: readonly string[];
  readonly name: string;
}

export type Builder = (order: BuildOrder) => Promise<void>;

/** `slipway build` in a store of its own. */
export function ourBuilder(store: string): Builder {
  return async ({ folder, dockerfile, flags, name }) => {
    const args = ['--store', store, 'build', '-q', '-f', dockerfile, '-t', name, ...flags, folder];
    const { code, stderr } = await slipway(args);
    if (code !== 0) throw new Error(stderr);
  };
}

/** buildah in the storage of the other tools; the docker format, because its OCI format leaves out ONBUILD, SHELL and HEALTHCHECK. */
export function buildahBuilder(peers: Peers): Builder {
  const how = ['--isolation', 'chroot', '--pull-never', '--identity-label=false', '--format', 'docker'];
  return async ({ folder, dockerfile, flags, name }) =>
    void (await peers.buildah('bud', '-q', ...how, '-f', dockerfile, '-t', name, ...flags, folder));
}

/** What a case's flags may name. */
export type Values = Readonly<Record<'CONTEXT' | 'SSH_AUTH_SOCK', string>>;

/** Builds a case in a new context; `theirs` takes the Dockerfile that was written for buildah. */
export async function buildCase(
  real: RealCase,
  build: Builder,
  name: string,
  { agent, theirs = false }: { readonly agent: string; readonly theirs?: boolean },
): Promise<void> {
  const folder = await temporaryTree({ ...real.context });
  const files = await mkdtemp(join(tmpdir(), 'slipway-real-'));
  try {
    const values: Values = { CONTEXT: folder, SSH_AUTH_SOCK: agent };
    const flags = (real.flags ?? []).map((flag) =>
      flag.replace(/\$(CONTEXT|SSH_AUTH_SOCK)/g, (_, key: keyof Values) => values[key]),
    );
    const dockerfile = join(files, 'Dockerfile');
    const order = { folder, dockerfile, flags };
    if (real.before !== undefined) {
      await writeFile(dockerfile, real.before);
      await build({ ...order, name: `${name}-before` });
    }
    await writeFile(dockerfile, theirs && real.theirs ? real.theirs.dockerfile : real.dockerfile);
    await build({ ...order, name });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(files, { recursive: true, force: true });
  }
}

/** An image of the other tools' storage, without what differs by nature; `times` are added to the lines of those paths. */
export async function readImage(
  peers: Peers,
  name: string,
  times: readonly string[] = [],
): Promise<ComparedImage> {
  const root = await peers.mount(name);
  const files = new Map(withoutNature(listDirectory(root)));
  for (const path of times) {
    files.set(path, `${files.get(path)} at ${Math.floor(lstatSync(join(root, path)).mtimeMs / 1000)}`);
  }
  return { files, config: await peers.config(name) };
}
