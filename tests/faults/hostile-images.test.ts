import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FixtureMember } from '../../electron/engine/layer/tar-fixture.ts';
import { openHostileEngine, SHELL, unharmed, type HostileEngine } from './hostile-engine.ts';
import { strayFiles } from './run-census.ts';

/** Base images and Dockerfiles that want a runtime to mount, make or run something outside of the image. */

let hostile: HostileEngine;

const UP = '../'.repeat(20);
const link = (name: string, linkname: string): FixtureMember => ({ name, type: 'symlink', linkname });

describe('images from outside', () => {
  beforeAll(async () => {
    hostile = await openHostileEngine();
  });
  afterAll(() => hostile.close());

  test.each<[string, (canary: string) => FixtureMember[]]>([
    ['/etc/resolv.conf is a link out', (canary) => [link('etc/resolv.conf', `${canary}/resolv.conf`)]],
    ['/etc/resolv.conf is a link up', (canary) => [link('etc/resolv.conf', `${UP}${canary}/resolv.conf`)]],
    ['/etc/resolv.conf is a link to nothing', (canary) => [link('etc/resolv.conf', `${canary}/new`)]],
    ['/etc/hosts is a link out', (canary) => [link('etc/hosts', `${canary}/hosts`)]],
    ['/etc/hosts is a link to a folder', (canary) => [link('etc/hosts', canary)]],
    ['/etc/hosts is a folder', () => [{ name: 'etc/hosts/' }]],
    ['/etc/hosts is a pipe', () => [{ name: 'etc/hosts', type: 'fifo' }]],
    ['/etc/resolv.conf is a device', () => [{ name: 'etc/resolv.conf', type: 'char', device: [1, 1] }]],
    ['/etc/resolv.conf is a link to itself', () => [link('etc/resolv.conf', 'resolv.conf')]],
    ['/dev/shm is a link out', (canary) => [link('dev/shm', `${canary}/shm`)]],
    ['/dev/pts is a link out', (canary) => [link('dev/pts', canary)]],
    ['/dev/ptmx is a link out', (canary) => [link('dev/ptmx', `${canary}/ptmx`)]],
    ['/dev/null is a link out', (canary) => [link('dev/null', `${canary}/file`)]],
    ['/dev/console is a link out', (canary) => [link('dev/console', `${canary}/file`)]],
    ['/proc/sys is a link out', (canary) => [link('proc/sys', canary)]],
    ['/proc/self is a link out', (canary) => [link('proc/self', canary)]],
    ['/sys/firmware is a link out', (canary) => [link('sys/firmware', canary)]],
  ])('%s', async (_, members) => {
    await unharmed(hostile, async () => {
      await hostile.load([SHELL, members(hostile.canary)]);
      const built = hostile.build(
        'FROM hostile\nRUN echo x > /etc/resolv.conf; echo x > /etc/hosts; echo run',
      );
      // Some of these cannot be run on; that is as good as being harmless.
      await built.then(
        (log) => expect(log).toContain('run\n'),
        (error: unknown) => expect(error).toMatchObject({ code: expect.stringMatching(/^RUN_/) as string }),
      );
    });
    expect(strayFiles(hostile.store)).toEqual([]);
  });

  test.each(['dev', 'proc', 'sys', 'etc'])(
    'a command that turns /%s into a link stops the next one',
    async (name) => {
      await hostile.load([SHELL]);
      const turn = `RUN mv /${name} /old && ln -s ${hostile.canary} /${name}`;
      await unharmed(hostile, async () => {
        await expect(hostile.build(`FROM hostile\n${turn}\nRUN echo unsafe`)).rejects.toMatchObject({
          // Where something is mounted on it the folder cannot be moved in the first place.
          code: name === 'etc' ? 'RUN_UNSAFE_ROOTFS' : 'RUN_FAILED',
        });
      });
    },
  );

  test.each(Array.from({ length: 18 }, (_, i) => i + 3))('WORKDIR /proc/self/fd/%i', async (descriptor) => {
    await hostile.load([SHELL]);
    await unharmed(hostile, async () => {
      const text = `FROM hostile\nWORKDIR /proc/self/fd/${descriptor}\nRUN cat ${UP}${hostile.canary.slice(1)}/file; echo ended`;
      await hostile.build(text).then(
        (log) => expect(log).toMatch(/No such file or directory\nended\n$/),
        (error: unknown) => expect(error).toMatchObject({ code: expect.stringMatching(/^RUN_/) as string }),
      );
    });
  });

  test.each([
    ['a link of the image', 'WORKDIR /l/sub/new'],
    ['.. above the root', `WORKDIR ${UP}$CANARY`],
    ['a link of the image, then ..', 'WORKDIR /l/../new'],
  ])('WORKDIR through %s is in the image', async (_, line) => {
    await hostile.load([SHELL, [link('l', hostile.canary)]]);
    await unharmed(hostile, async () => {
      const text = `FROM hostile\nENV CANARY=${hostile.canary}\n${line}\nRUN touch made && ls`;
      expect(await hostile.build(text)).toContain('made\n');
    });
  });

  test.each([
    ['/proc/self/fd/7'],
    ['/proc/self/cwd/x'],
    ['/proc/1/root/x'],
    [`${UP}x`],
    ['relative'],
    ['/a\0b'],
    ['/a\nb'],
  ])('an image whose working directory is %j', async (workdir) => {
    await unharmed(hostile, async () => {
      const built = hostile
        .load([SHELL], { WorkingDir: workdir })
        .then(() => hostile.build(`FROM hostile\nRUN cat ${UP}${hostile.canary.slice(1)}/file; echo ended`));
      await built.then(
        (log) => expect(log).toMatch(/No such file or directory\nended\n$/),
        (error: unknown) => expect(error).toHaveProperty('code'),
      );
    });
  });

  test.each([
    ['users in a file of the host', (canary: string) => [link('etc/passwd', `${canary}/passwd`)], 'USER app'],
    ['users in a pipe', () => [{ name: 'etc/passwd', type: 'fifo' } as const], 'USER app'],
    ['a user named like a path', () => [], `USER ${UP}etc/passwd`],
  ])('%s', async (_, members, line) => {
    await hostile.load([SHELL, members(hostile.canary)]);
    await unharmed(hostile, () =>
      expect(hostile.build(`FROM hostile\n${line}\nRUN true`)).rejects.toMatchObject({
        code: 'RUN_UNKNOWN_USER',
      }),
    );
  });

  test.each([
    ['the runtime itself', '/proc/self/exe'],
    ['a file of the host', '$CANARY/file'],
  ])('a shell that is a link to %s', async (_, target) => {
    const linkname = target.replace('$CANARY', hostile.canary);
    await hostile.load([SHELL, [{ name: 'bin/.wh.sh' }, link('bin/sh', linkname)]]);
    await unharmed(hostile, () =>
      expect(hostile.build('FROM hostile\nRUN true')).rejects.toMatchObject({ code: 'RUN_FAILED' }),
    );
  });

  test('the environment of a command is not that of what runs it', async () => {
    await hostile.load([SHELL], {
      Env: ['LD_PRELOAD=/evil.so', 'PATH=/bin', 'TAR_OPTIONS=--evil', 'ENV=/evil'],
    });
    await unharmed(hostile, async () => {
      expect(await hostile.build('FROM hostile\nRUN echo $LD_PRELOAD $TAR_OPTIONS > /out && cat /out')).toBe(
        '/evil.so --evil\n',
      );
    });
  });

  test('COPY --from through a link of the stage stays in the stage', async () => {
    await hostile.load([SHELL]);
    await unharmed(hostile, async () => {
      const text = (path: string): string =>
        `FROM hostile AS a\nRUN ln -s / /r && mkdir /in && echo inside > /in/file\nFROM hostile\nCOPY --from=a ${path} /x\nRUN cat /x`;
      expect(await hostile.build(text('/r/in/file'))).toContain('inside\n');
      await expect(hostile.build(text(`/r${hostile.canary}/file`))).rejects.toHaveProperty(
        'code',
        'COPY_SOURCE_NOT_FOUND',
      );
    });
  });
});
