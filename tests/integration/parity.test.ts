import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { ADD_CASES } from './parity/add-cases.ts';
import { makeBases } from './parity/bases.ts';
import { expectSameConfig, expectSameFiles, type ComparedImage } from './parity/compare-images.ts';
import { CONFIG_CASES } from './parity/config-cases.ts';
import { COPY_CASES, IGNORE_CASES } from './parity/copy-cases.ts';
import { OWNER_CASES } from './parity/owner-cases.ts';
import type { ParityCase } from './parity/parity-case.ts';
import { RUN_CASES } from './parity/run-cases.ts';
import { STAGE_CASES } from './parity/stage-cases.ts';
import { WRITTEN_CASES } from './parity/written-cases.ts';
import { listDirectory } from './support/listing.ts';
import { IS_ROOT, openPeers, type Peers } from './support/peers.ts';
import { temporaryTree } from './support/tree.ts';

/** The same Dockerfiles built by this engine and by buildah: the images hold the same files and say the same. */

let peers: Peers;
let engine: Engine;
let count = 0;

describe.runIf(IS_ROOT)('the same Dockerfile here and in buildah', () => {
  beforeAll(async () => {
    peers = await openPeers();
    engine = await createEngine({ store: join(peers.directory, 'store') });
    await makeBases(peers, engine);
  });

  afterAll(async () => {
    await engine.close();
    await peers.close();
  });

  describe.each([
    ['COPY', COPY_CASES],
    ['.dockerignore', IGNORE_CASES],
    ['owners', OWNER_CASES],
    ['ADD', ADD_CASES],
    ['config', CONFIG_CASES],
    ['stages', STAGE_CASES],
    ['RUN', RUN_CASES],
  ])('%s', (_, cases) => {
    test.each(cases)('$name', async (parity) => {
      const ours = await built(parity, buildOurs);
      const theirs = await built(parity, buildTheirs);
      expectSameFiles(ours, theirs, parity.except);
      expectSameConfig(ours, theirs, parity.exceptConfig);
    });
  });

  describe.each(WRITTEN_CASES)('written down: $name', ({ dockerfile, context, files, why }) => {
    test(why, async () => {
      const { files: ours } = await built(
        { name: '', dockerfile, ...(context ? { context } : {}) },
        buildOurs,
      );
      expect([...ours.values()]).toEqual(files);
    });
  });
});

type Builder = (parity: ParityCase, folder: string, name: string) => Promise<void>;

/** Builds in a context of its own; both images are then read from the same storage, as every tool would. */
async function built(parity: ParityCase, build: Builder): Promise<ComparedImage> {
  const folder = await temporaryTree({ Dockerfile: parity.dockerfile, ...parity.context });
  try {
    const name = `localhost/case-${count++}`;
    await build(parity, folder, name);
    return { files: listDirectory(await peers.mount(name)), config: await peers.config(name) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const buildOurs: Builder = async ({ target, buildArgs = {} }, folder, name) => {
  const output = await mkdtemp(join(tmpdir(), 'slipway-parity-'));
  try {
    const archive = join(output, 'image.tar');
    const request = {
      folder,
      tags: [name],
      ...(target === undefined ? {} : { target }),
      buildArgs,
      labels: {},
      noCache: false,
      trigger: { kind: 'manual' },
      outputs: [{ type: 'oci', destination: archive }],
    } as const;
    await engine.build(request, { onEvents: () => undefined });
    await peers.podman('load', '-q', '-i', archive);
  } finally {
    await rm(output, { recursive: true, force: true });
  }
};

const buildTheirs: Builder = async ({ target, buildArgs = {} }, folder, name) => {
  const args = Object.entries(buildArgs).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  // The docker format, because the OCI format of buildah leaves out ONBUILD, SHELL and HEALTHCHECK.
  const flags = [
    '--isolation',
    'chroot',
    '--layers',
    '--pull-never',
    '--identity-label=false',
    '--format',
    'docker',
  ];
  const stage = target === undefined ? [] : ['--target', target];
  await peers.buildah('bud', ...flags, ...args, ...stage, '-t', name, folder);
};
