import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { KEPT_LINE_LENGTH } from '../../shared/log-lines.ts';
import { IS_ROOT } from '../integration/support/peers.ts';
import { withDirectory } from './store-samples.ts';

const MIB = 1024 * 1024;
const PRINTED = 1024 * MIB;
const PROGRAM = fileURLToPath(new URL('./flooded-engine.ts', import.meta.url));

test.runIf(IS_ROOT)(
  '1 GB without a line end: all of it is logged, and neither engine nor window grows with it',
  () =>
    withDirectory(async (directory) => {
      const [store, project] = [join(directory, 'store'), join(directory, 'project')];
      mkdirSync(project);
      copyFileSync('/bin/busybox', join(project, 'busybox'));
      const command = `busybox dd if=/dev/zero bs=1M count=${PRINTED / MIB} 2>/dev/null | busybox tr '\\0' x`;
      writeFileSync(
        join(project, 'Dockerfile'),
        `FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nRUN ${command}\n`,
      );
      const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, store, project]);
      const found = JSON.parse(stdout) as Record<'printed' | 'logged' | 'kept' | 'grown', number>;
      expect(found).toMatchObject({ printed: PRINTED, logged: PRINTED, kept: KEPT_LINE_LENGTH });
      expect(found.grown).toBeLessThan(400 * MIB);
      const [log] = readdirSync(join(store, 'builds'));
      expect(statSync(join(store, 'builds', log!)).size).toBeGreaterThan(PRINTED);
      console.log(`1 GB of output: the process grew by ${(found.grown / MIB).toFixed(0)} MiB`);
    }),
);
