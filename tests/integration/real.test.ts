import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSameConfig, expectSameFiles } from './parity/compare-images.ts';
import { APT_CASES } from './real/apt-cases.ts';
import { BASES, pushBases } from './real/bases.ts';
import { COMPILE_CASES } from './real/compile-cases.ts';
import { FILE_CASES } from './real/file-cases.ts';
import { MOUNT_CASES } from './real/mount-cases.ts';
import { NODE_CASES } from './real/node-cases.ts';
import { buildahBuilder, buildCase, ourBuilder, readImage } from './real/real-builders.ts';
import { SCRIPT_CASES } from './real/script-cases.ts';
import { SETTING_CASES } from './real/setting-cases.ts';
import { USER_CASES } from './real/user-cases.ts';
import { slipway } from './support/cli.ts';
import { startDockerRegistry, type DockerRegistry } from './support/docker-registry.ts';
import { IS_ROOT, openPeers, type Peers } from './support/peers.ts';
import { startSshAgent, type SshAgent } from './support/ssh-agent.ts';

/** Dockerfiles of the kind people have, on bases from a registry, built by `slipway` and by buildah: the same images. */

let peers: Peers;
let registry: DockerRegistry;
let agent: SshAgent;
let store: string;
let count = 0;

describe.runIf(IS_ROOT)('real Dockerfiles', () => {
  beforeAll(async () => {
    [peers, registry, agent] = await Promise.all([
      openPeers('overlay'),
      startDockerRegistry(),
      startSshAgent(),
    ]);
    store = join(peers.directory, 'store');
    await pushBases(peers, registry.host);
    for (const name of BASES) {
      await ours('pull', `${registry.host}/base/${name}:1`);
      await ours('tag', `${registry.host}/base/${name}:1`, `localhost/${name}`);
    }
  }, 300_000);

  afterAll(async () => {
    await agent?.close();
    await registry?.close();
    await peers?.close();
  });

  // The others are in Docker's format, which skopeo does not read out of an image layout.
  test.each(['busy', 'debian'])('the base %s is what was pushed', async (name) => {
    await peers.take(store, `${registry.host}/base/${name}:1`);
    const pulled = await readImage(peers, `${registry.host}/base/${name}:1`);
    const pushed = await readImage(peers, `localhost/${name}`);
    expectSameFiles(pulled, pushed);
    expectSameConfig(pulled, pushed);
  });

  describe.each([
    ['packages', APT_CASES],
    ['compilers', COMPILE_CASES],
    ['Node', NODE_CASES],
    ['users', USER_CASES],
    ['files', FILE_CASES],
    ['settings', SETTING_CASES],
    ['scripts', SCRIPT_CASES],
    ['mounts', MOUNT_CASES],
  ])('%s', (_, cases) => {
    test.each(cases)('$name', async (real) => {
      const name = `localhost/real-${count++}`;
      const [mine, others] = [`${name}:ours`, `${name}:theirs`];
      await Promise.all([
        buildCase(real, ourBuilder(store), mine, { agent: agent.socket }),
        buildCase(real, buildahBuilder(peers), others, { agent: agent.socket, theirs: true }),
      ]);
      await peers.take(store, mine);
      const left = await readImage(peers, mine, real.times);
      const right = await readImage(peers, others, real.times);
      expectSameFiles(left, right, real.except);
      expectSameConfig(left, right, real.exceptConfig);
    });
  });
});

async function ours(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await slipway(['--store', store, ...args]);
  expect(code, stderr).toBe(0);
}
