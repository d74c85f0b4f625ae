import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile, chmod, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IS_ROOT } from './support/peers.ts';

/** A normal user without a range of subordinate ids: what works, and what is said about the rest. */

const AS_USER = fileURLToPath(new URL('../../build/as-normal-user.mjs', import.meta.url));
let project: string;

describe.runIf(IS_ROOT)('a user who is the only one (root makes the user)', () => {
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'slipway-single-'));
    await chmod(project, 0o755);
    await mkdir(join(project, 'etc'));
    await cp('/bin/busybox', join(project, 'busybox'));
    await writeFile(join(project, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n');
  });
  afterAll(() => rm(project, { recursive: true, force: true }));

  test('commands run as root, files keep the owners that the image gives them, and the limits are said first', async () => {
    const { code, stderr } =
      await build(`RUN busybox id -u; busybox touch /owned/new; busybox chmod 600 /owned/x
RUN busybox ls -lan /owned; busybox mkdir /made
FROM scratch
COPY --from=0 /owned /owned
COPY --from=0 /made /made`);
    expect(stderr).toMatch(
      /warning: Commands of RUN can only be root and own all files, since \S+ has no range/,
    );
    expect(stderr).toContain('sudo usermod --add-subuids');
    expect(code, stderr).toBe(0);
  });

  test('another user is refused before the command runs, with the command that changes it', async () => {
    const { code, stderr } = await build('USER app\nRUN echo never');
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/^#\d+ never/m);
    expect(stderr).toMatch(/error: Dockerfile:7: The step runs as 1000:1000, but here are no users but root/);
    expect(stderr).toContain('hint: Run sudo usermod --add-subuids');
  });
});

interface Built {
  readonly code: number | null;
  readonly stderr: string;
}

async function build(instructions: string): Promise<Built> {
  const base =
    'FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nCOPY --chown=33:44 busybox /owned/x\nCOPY etc /etc\n';
  await writeFile(join(project, 'Dockerfile'), `${base}${instructions}\n`);
  const slipway = [process.execPath, 'electron/cli.ts', 'build', '--progress=plain', project];
  const child = spawn(process.execPath, [AS_USER, '--single', ...slipway], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
}
