import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorkerPool, type WorkerPool } from '../../electron/engine/base/worker-pool.ts';
import { createExecutor, type Executor } from '../../electron/engine/executor/executor.ts';
import { DEFAULT_SANDBOX, type SandboxOptions } from '../../electron/engine/executor/sandbox-options.ts';
import type { ExtraMount, ProcessRequest } from '../../electron/engine/executor/runtime-spec.ts';
import { readChanges } from '../../electron/engine/executor/changes.ts';
import type { LayerPlanEntry } from '../../electron/engine/layer/toc.ts';
import type { LayerStack } from '../../electron/engine/layer/layer.ts';
import { openEngineStore } from '../../electron/engine/open-engine-store.ts';
import { storeLayer } from '../../electron/engine/ops/store-layer.ts';
import { rootFs } from '../../electron/engine/solver/root-fs.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import { planned } from '../support/image-fixture.ts';
import { IS_ROOT } from './support/peers.ts';

/** What a sandbox gives a process besides its files, with the real runtime: as root, and in the suite of normal users. */

let place: string;
let store: Store;
let pool: WorkerPool;
let executor: Executor;
let base: LayerStack;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'slipway-sandbox-'));
  pool = createWorkerPool(1);
  store = await openEngineStore(join(place, 'store'), pool, () => new Date());
  executor = createExecutor({ store, pool });
  base = await stackOf([
    planned('bin/busybox', { mode: 0o755, ...bytes(readFileSync('/bin/busybox')) }),
    planned('bin/sh', { type: 'symlink', linkname: 'busybox', mode: 0o777 }),
    planned('data/folder/file', { text: 'from a layer\n', mode: 0o600, uid: 7, gid: 8 }),
    planned('data/link', { type: 'symlink', linkname: '/data/folder', mode: 0o777 }),
  ]);
});

afterAll(async () => {
  store.close();
  await pool.close();
  await executor.remove(place);
});

describe('mounts', () => {
  test('a part of another stack of layers is seen with its owners, and cannot be written', async () => {
    const mount: ExtraMount = { kind: 'stack', stack: base, path: 'data', target: '/mnt/a', readonly: true };
    const { log } = await shell(
      'busybox stat -c "%a %u:%g" /mnt/a/folder/file; echo x > /mnt/a/x || echo no',
      [mount],
    );
    expect(log).toContain('600 7:8');
    expect(log).toContain('no');
  });

  test('what is written to a stack is seen by nobody else', async () => {
    const mount: ExtraMount = { kind: 'stack', stack: base, path: 'data', target: '/mnt/a', readonly: false };
    const write = 'echo new > /mnt/a/x; busybox rm -r /mnt/a/folder; busybox ls /mnt/a';
    expect((await shell(write, [mount])).log).toBe('link\nx\n');
    expect((await shell('busybox ls /mnt/a', [mount])).log).toBe('folder\nlink\n');
  });

  test('one file of a stack, and one in memory', async () => {
    const { log } = await shell('busybox cat /one; echo x > /tmp/here/a; busybox df -k /tmp/here', [
      { kind: 'stack', stack: base, path: 'data/folder/file', target: '/one', readonly: true },
      { kind: 'tmpfs', target: '/tmp/here', size: 1 << 20 },
    ]);
    expect(log).toContain('from a layer');
    expect(log).toMatch(/tmpfs +1024 /);
  });

  test('a folder of the host, and what lies below it by names', async () => {
    const folder = join(place, 'shared');
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    writeFileSync(join(folder, 'a/b/c'), 'deep\n');
    const { log } = await shell('busybox cat /x/c; echo back > /x/d', [
      { kind: 'bind', source: folder, within: 'a/b', target: '/x', readonly: false },
    ]);
    expect(log).toBe('deep\n');
    expect(readFileSync(join(folder, 'a/b/d'), 'utf8')).toBe('back\n');
  });

  test.each(['link', 'link/below', 'a/link', 'missing'])(
    'a way below a folder that goes through a link is refused: %s',
    async (within) => {
      const folder = join(place, `linked-${within.replaceAll('/', '-')}`);
      const canary = join(folder, 'canary');
      mkdirSync(join(canary, 'below'), { recursive: true });
      mkdirSync(join(folder, 'in/a'), { recursive: true });
      symlinkSync(canary, join(folder, 'in/link'));
      symlinkSync('../../canary', join(folder, 'in/a/link'));
      const mount: ExtraMount = {
        kind: 'bind',
        source: join(folder, 'in'),
        within,
        target: '/x',
        readonly: false,
      };
      await expect(shell('echo x > /x/y', [mount])).rejects.toMatchObject({ code: 'RUN_CACHE_PATH' });
      expect(readdirSync(canary)).toEqual(['below']);
      expect(readdirSync(join(canary, 'below'))).toEqual([]);
    },
  );
});

describe('what a build may ask for', () => {
  test('more lines in /etc/hosts', async () => {
    const hosts = [{ name: 'other.test', address: '10.1.2.3' }];
    expect((await shell('busybox cat /etc/hosts', [], { hosts })).log).toContain('10.1.2.3\tother.test\n');
  });

  test('the size of /dev/shm', async () => {
    expect((await shell('busybox df -k /dev/shm', [], { shmSize: 1 << 20 })).log).toMatch(/ 1024 /);
  });

  test('limits of processes', async () => {
    const ulimits = [
      { name: 'nofile', soft: 100, hard: 200 },
      { name: 'core', soft: -1, hard: -1 },
    ];
    const { log } = await shell('ulimit -Sn; ulimit -Hn; ulimit -c', [], { ulimits });
    expect(log).toBe('100\n200\nunlimited\n');
  });

  test.runIf(IS_ROOT)('limits on memory and processors, of which nothing is left (root only)', async () => {
    const { log } = await shell('busybox cat /proc/self/cgroup; busybox tail /dev/zero; echo $?', [], {
      limits: { memory: 64 << 20, cpuShares: 512, cpuPeriod: 100_000, cpuQuota: 50_000, cpusetCpus: '0' },
    });
    expect(log).toMatch(/memory.*\/slipway-\d+-/);
    expect(log).toContain('137');
    const left = ['memory', 'cpu', 'cpuset', ''].flatMap((name) =>
      existsSync(`/sys/fs/cgroup/${name}`)
        ? readdirSync(`/sys/fs/cgroup/${name}`).filter((each) => each.startsWith(`slipway-${process.pid}`))
        : [],
    );
    expect(left).toEqual([]);
  });

  test.runIf(IS_ROOT)('a limit that the machine does not have is named (root only)', async () => {
    const limits = { cpusetCpus: '4000' };
    await expect(shell('true', [], { limits })).rejects.toMatchObject({ code: 'RUN_LIMITS' });
  });

  test.runIf(!IS_ROOT)('limits need root, and say so (not as root)', async () => {
    const limits = { memory: 64 << 20 };
    await expect(shell('true', [], { limits })).rejects.toMatchObject({ code: 'RUN_LIMITS' });
  });

  test('insecure processes may mount; others may not', async () => {
    const mount = 'busybox mkdir /m && busybox mount -t tmpfs x /m && echo mounted';
    expect((await shell(mount, [], {}, { insecure: true })).log).toContain('mounted');
    expect((await shell(mount)).log).not.toContain('mounted');
  });

  test('a user whom nobody can be is refused before anything runs', async () => {
    const user = { uid: 4_000_000_000, gid: 0, additionalGids: [0] };
    const running = shell('true', [], {}, { user });
    if (IS_ROOT) expect((await running).code).toBe(0);
    else await expect(running).rejects.toMatchObject({ code: 'RUN_USER_UNMAPPED' });
  });
});

describe('machines that lack something', () => {
  const script = `
    echo 1 > /new; busybox rm /data/folder/file; busybox ln -s x /data/folder/file; busybox mkdir -p /etc/deep
    busybox ln /bin/busybox /bin/second; busybox chmod 4711 /bin/busybox; busybox touch -d '2020-01-01' /data`;

  test('without overlays the root filesystem is copied, and the changes are the same', async () => {
    const mounted = await changes(executor, script);
    const copied = await changes(createExecutor({ store, pool, overlays: false }), script);
    expect(copied.form).toBe('whole');
    expect(copied.paths).toEqual(mounted.paths);
  });

  test('without crun, runc runs the commands', async () => {
    const bin = join(place, 'without-crun');
    mkdirSync(bin);
    for (const folder of ['/bin', '/sbin', '/usr/bin', '/usr/sbin']) {
      for (const name of readdirSync(folder)) {
        if (name !== 'crun' && !existsSync(join(bin, name))) symlinkSync(join(folder, name), join(bin, name));
      }
    }
    const path = process.env['PATH'];
    process.env['PATH'] = bin;
    try {
      const { log, code } = await shell('busybox hostname; echo $0', []);
      expect(log).toBe('buildkitsandbox\n/bin/sh\n');
      expect(code).toBe(0);
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('what the machine has is told, with the command for what is missing', async () => {
    const checks = await executor.check();
    expect(checks.filter(({ state }) => state === 'missing')).toEqual([]);
    expect(checks.map(({ id }) => id)).toEqual([
      ...['rights', 'runtime', 'tool.unshare', 'tool.setpriv', 'tool.tar', 'namespaces', 'overlay', 'limits'],
    ]);
  });
});

interface Ran {
  readonly code: number | null;
  readonly log: string;
}

/** Runs a shell script on the base. */
async function shell(
  script: string,
  mounts: readonly ExtraMount[] = [],
  sandbox: Partial<SandboxOptions> = {},
  request: Partial<ProcessRequest> = {},
): Promise<Ran> {
  const own = store.blobs.ingestPath();
  let log = '';
  const hear = (data: Buffer): void => void (log += data.toString());
  mkdirSync(own);
  try {
    const end = await executor.run(
      {
        request: requestFor(script, mounts, sandbox, request),
        files: [],
        base,
        place: own,
        onStdout: hear,
        onStderr: hear,
      },
      new AbortController().signal,
    );
    return { code: end.code, log };
  } finally {
    await executor.remove(own);
  }
}

/** What a script changed, as sorted lines. */
async function changes(on: Executor, script: string): Promise<{ form: string; paths: readonly string[] }> {
  const own = store.blobs.ingestPath();
  const tarPath = store.blobs.ingestPath();
  const { signal } = new AbortController();
  const ignore = (): void => undefined;
  mkdirSync(own);
  try {
    const { form } = await on.run(
      {
        request: requestFor(script, [], {}, {}),
        ...{ files: [], base, place: own, changes: tarPath, onStdout: ignore, onStderr: ignore },
      },
      signal,
    );
    const targets = ['proc', 'dev', 'sys', 'etc/resolv.conf', 'etc/hosts'];
    const plan = await readChanges(
      tarPath,
      form,
      await base.view(),
      targets,
      await on.identity(),
      pool,
      signal,
    );
    const line = ({ type, path, mode, uid, gid, size, linkname }: LayerPlanEntry): string =>
      `${type} ${path} ${mode.toString(8)} ${uid}:${gid} ${size} ${linkname ?? ''}`;
    return { form, paths: plan.map(line).sort() };
  } finally {
    await store.blobs.discard(tarPath);
    await on.remove(own);
  }
}

function requestFor(
  script: string,
  mounts: readonly ExtraMount[],
  sandbox: Partial<SandboxOptions>,
  request: Partial<ProcessRequest>,
): ProcessRequest {
  return {
    args: ['/bin/sh', '-c', script],
    env: ['PATH=/bin'],
    cwd: '/',
    user: { uid: 0, gid: 0, additionalGids: [0] },
    network: 'host',
    insecure: false,
    mounts,
    sandbox: { ...DEFAULT_SANDBOX, ...sandbox },
    ...request,
  };
}

async function stackOf(plan: readonly LayerPlanEntry[]): Promise<LayerStack> {
  const lease = store.lease('test');
  const layer = await storeLayer(plan, new Date(), {
    store,
    pool,
    lease,
    signal: new AbortController().signal,
  });
  return rootFs([layer!], 'the base', store);
}

function bytes(data: Buffer): Pick<LayerPlanEntry, 'size' | 'source'> {
  return { size: data.length, source: { kind: 'bytes', data } };
}
