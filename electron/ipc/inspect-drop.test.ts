import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectDrop } from './inspect-drop.ts';

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'slipway-drop-')));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const at = (name: string): string => join(root, name);

async function folder(name: string, files: readonly string[]): Promise<string> {
  await mkdir(at(name), { recursive: true });
  for (const file of files) await writeFile(join(at(name), file), 'FROM scratch\n');
  return at(name);
}

async function tar(members: readonly (readonly [string, number])[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, size] of members) archive.entry({ name }, Buffer.alloc(size, 7));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const BLOB = 'blobs/sha256/'.padEnd(13 + 64, 'a');

describe('folders', () => {
  test('one with Dockerfiles is a project, the usual name first', async () => {
    const files = [
      'prod.Dockerfile',
      'Dockerfile.dev',
      'Dockerfile',
      'Containerfile',
      'Dockerfile.dockerignore',
      'x.txt',
    ];
    const path = await folder('web', files);
    expect(await inspectDrop(path)).toEqual({
      kind: 'project',
      folder: path,
      name: 'web',
      dockerfiles: ['Dockerfile', 'Containerfile', 'Dockerfile.dev', 'prod.Dockerfile'],
    });
  });

  test('a folder, a fifo or a dangling link by that name is no Dockerfile', async () => {
    const path = await folder('odd', []);
    await mkdir(join(path, 'Dockerfile'));
    await symlink('nowhere', join(path, 'a.Dockerfile'));
    execFileSync('mkfifo', [join(path, 'b.Dockerfile')]);
    expect(await inspectDrop(path)).toMatchObject({
      kind: 'unusable',
      reason: 'There is no Dockerfile in this folder.',
    });
  });

  test('a link is shown as what it leads to', async () => {
    const path = await folder('real', ['Dockerfile']);
    await symlink(path, at('link'));
    expect(await inspectDrop(at('link'))).toMatchObject({ kind: 'project', folder: path, name: 'real' });
    await symlink('/', at('to-root'));
    expect(await inspectDrop(at('to-root'))).toMatchObject({ kind: 'unusable', path: '/' });
  });

  test('a name with a newline is only a name', async () => {
    const path = await folder('a\nb', ['Dockerfile']);
    expect(await inspectDrop(path)).toMatchObject({ kind: 'project', name: 'a\nb' });
  });

  test('an OCI layout is an archive', async () => {
    const path = await folder('layout', ['oci-layout', 'index.json']);
    expect(await inspectDrop(path)).toEqual({ kind: 'archive', path, name: 'layout', format: 'oci' });
  });
});

describe('files', () => {
  test('a Dockerfile means its folder, with that file', async () => {
    const path = await folder('two', ['Dockerfile', 'dev.Dockerfile']);
    expect(await inspectDrop(join(path, 'dev.Dockerfile'))).toEqual({
      kind: 'project',
      folder: path,
      name: 'two',
      dockerfiles: ['dev.Dockerfile'],
    });
  });

  const oci = [
    ['blobs/', 0],
    [BLOB, 3_000],
    ['index.json', 20],
    ['oci-layout', 30],
  ] as const;
  const docker = [
    ['a'.repeat(64) + '/layer.tar', 700],
    ['manifest.json', 20],
  ] as const;
  test.each([
    ['OCI', oci, 'oci'],
    ['OCI with leading dots', oci.map(([name, size]) => [`./${name}`, size] as const), 'oci'],
    ['docker save', docker, 'docker'],
    ['docker save with an OCI layout', [...oci, ['manifest.json', 9] as const], 'docker'],
  ])('an archive is known by its content: %s', async (name, members, format) => {
    const plain = await tar(members);
    for (const [suffix, data] of [
      ['', plain],
      ['gz', gzipSync(plain)],
      ['zst', zstdCompressSync(plain)],
    ] as const) {
      const path = at(`${name}-${suffix}.bin`);
      await writeFile(path, data);
      expect(await inspectDrop(path)).toMatchObject({ kind: 'archive', path, format });
    }
  });

  test('a large compressed archive is known by its beginning', async () => {
    const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * i * 31 + (i >> 7)) & 255));
    const archive = pack();
    archive.entry({ name: BLOB }, noise);
    archive.entry({ name: 'index.json' }, '{}');
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    for (const [name, compress] of [
      ['big.gz', gzipSync],
      ['big.zst', zstdCompressSync],
    ] as const) {
      await writeFile(at(name), compress(Buffer.concat(chunks)));
      expect(await inspectDrop(at(name))).toMatchObject({ kind: 'archive', format: 'oci' });
    }
  });

  test('so is one that begins with very much of nothing', async () => {
    const archive = await tar([
      [BLOB, 100_000_000],
      ['oci-layout', 10],
    ]);
    await writeFile(at('hollow.gz'), gzipSync(archive));
    expect(await inspectDrop(at('hollow.gz'))).toMatchObject({ kind: 'archive', format: 'oci' });
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['text.tar', Buffer.from('hello')],
    ['zeros.tar', Buffer.alloc(10_240)],
    ['broken.gz', Buffer.from([0x1f, 0x8b, 1, 2, 3])],
    ['broken.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 9, 9, 9])],
    ['bomb.gz', gzipSync(Buffer.alloc(200_000_000))],
    ['app.desktop', Buffer.from('[Desktop Entry]\nExec=rm -rf /\n')],
  ])('%s is no image archive', async (name, data) => {
    await writeFile(at(name), data);
    expect(await inspectDrop(at(name))).toMatchObject({
      kind: 'unusable',
      reason: 'This file is neither a Dockerfile nor an image archive.',
    });
  });

  test('a plain tar of something else is no image archive', async () => {
    await writeFile(
      at('src.tar'),
      await tar([
        ['src/', 0],
        ['src/main.c', 900],
      ]),
    );
    expect(await inspectDrop(at('src.tar'))).toMatchObject({ kind: 'unusable' });
  });

  test('a header with an absurd size ends the search', async () => {
    const data = await tar([['src/main.c', 900]]);
    data.fill(0xff, 124, 136);
    await writeFile(at('absurd.tar'), data);
    expect(await inspectDrop(at('absurd.tar'))).toMatchObject({ kind: 'unusable' });
  });
});

describe('anything else', () => {
  test('a fifo is never opened', async () => {
    execFileSync('mkfifo', [at('Dockerfile')]);
    expect(await inspectDrop(at('Dockerfile'))).toMatchObject({
      kind: 'unusable',
      reason: 'This is a named pipe, not a folder or a file.',
    });
  });

  test('nor are sockets and devices', async () => {
    const server = createServer().listen(at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await inspectDrop(at('socket'))).toMatchObject({
      reason: 'This is a socket, not a folder or a file.',
    });
    server.close();
    expect(await inspectDrop('/dev/zero')).toMatchObject({
      reason: 'This is a device, not a folder or a file.',
    });
  });

  test('links in a circle, dangling links, missing and impossible paths', async () => {
    await symlink('round', at('round'));
    await symlink('gone', at('dangling'));
    const reasons = async (path: string): Promise<string> => {
      const verdict = await inspectDrop(path);
      return verdict.kind === 'unusable' ? verdict.reason : verdict.kind;
    };
    expect(await reasons(at('round'))).toBe('This link leads round in a circle.');
    expect(await reasons(at('dangling'))).toBe('There is nothing at this path.');
    expect(await reasons(at('nothing/here'))).toBe('There is nothing at this path.');
    expect(await reasons('relative/path')).toBe('This is not a full path.');
    expect(await reasons('file:///etc/passwd')).toBe('This is not a full path.');
    expect(await reasons('/tmp/a\0b')).toBe('This is not a path.');
    expect(await reasons(`/${'a'.repeat(300)}`)).toBe('This path is too long.');
  });

  test.skipIf(process.getuid?.() === 0)(
    'a folder one may not read (not as root, who may read all)',
    async () => {
      const path = await folder('closed', ['Dockerfile']);
      await chmod(path, 0);
      expect(await inspectDrop(path)).toMatchObject({ reason: 'You are not permitted to read this.' });
      await chmod(path, 0o755);
    },
  );
});
