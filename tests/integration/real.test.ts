import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSameConfig, expectSameFiles } from './parity/compare-images.ts';
import { ALL_CASES, FAMILIES, imageName } from './real/all-cases.ts';
import { BASES, pushBases } from './real/bases.ts';
import { buildAsUser, type UserBuilds } from './real/build-as-user.ts';
import { buildahBuilder, buildCase, ourBuilder, readImage } from './real/real-builders.ts';
import type { RealCase } from './real/real-case.ts';
import { slipway } from './support/cli.ts';
import { startDockerRegistry, type DockerRegistry } from './support/docker-registry.ts';
import { IS_ROOT, openPeers, type Peers } from './support/peers.ts';
import { startSshAgent, type SshAgent } from './support/ssh-agent.ts';

/** Dockerfiles of the kind people have, on bases from a registry: `slipway` as root, as a user, and buildah make the same of them. */

let peers: Peers;
let registry: DockerRegistry;
let agent: SshAgent;
let store: string;
const builds = new Map<RealCase, Promise<string>>();

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

  describe.each(FAMILIES)('%s', (_, cases) => {
    test.each(cases)('$name', async (real) => {
      const theirs = imageName(real, 'buildah');
      const [mine] = await Promise.all([
        builtByRoot(real),
        buildCase(real, buildahBuilder(peers), theirs, { agent: agent.socket, theirs: true }),
      ]);
      const left = await readImage(peers, mine, real.times);
      const right = await readImage(peers, theirs, real.times);
      expectSameFiles(left, right, real.except);
      expectSameConfig(left, right, real.exceptConfig);
    });
  });

  describe('as a user', () => {
    const cases = ALL_CASES.filter(({ asUser }) => asUser);
    let user: UserBuilds;
    beforeAll(async () => {
      user = await buildAsUser(cases, registry.host, 'range');
    }, 300_000);
    afterAll(() => user?.close());

    test.each(cases)('$name', async (real) => {
      await expectSameAsRoot(real, user);
    });
  });

  describe('as a user without subordinate ids', () => {
    const works = ALL_CASES.filter(({ alone }) => alone === 'works');
    const refused = ALL_CASES.filter(({ alone }) => alone === 'refused');
    let user: UserBuilds;
    beforeAll(async () => {
      user = await buildAsUser([...works, ...refused], registry.host, 'single');
    }, 300_000);
    afterAll(() => user?.close());

    test.each(works)('$name', async (real) => {
      await expectSameAsRoot(real, user);
    });

    test.each(refused)('refused before the command runs: $name', ({ name }) => {
      expect(user.failures[name]).toContain('but here are no users but root');
      expect(user.failures[name]).toContain('usermod --add-subuids');
    });
  });
});

async function expectSameAsRoot(real: RealCase, user: UserBuilds): Promise<void> {
  expect(user.failures[real.name]).toBeUndefined();
  const name = imageName(real, 'user');
  await peers.take(user.store, name);
  const theirs = await readImage(peers, name, real.times);
  const root = await readImage(peers, await builtByRoot(real), real.times);
  expectSameFiles(theirs, root);
  expectSameConfig(theirs, root);
}

/** The case built by root with `slipway`, in the storage of the other tools; once. */
function builtByRoot(real: RealCase): Promise<string> {
  const building = builds.get(real) ?? buildByRoot(real);
  builds.set(real, building);
  return building;
}

async function buildByRoot(real: RealCase): Promise<string> {
  const name = imageName(real, 'root');
  await buildCase(real, ourBuilder(store), name, { agent: agent.socket });
  await peers.take(store, name);
  return name;
}

async function ours(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await slipway(['--store', store, ...args]);
  expect(code, stderr).toBe(0);
}
