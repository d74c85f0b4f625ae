import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../../electron/engine/engine.ts';
import type { Peers } from '../support/peers.ts';
import { run } from '../support/run.ts';
import { packTree, writeTree, type Tree } from '../support/tree.ts';

/** A small root file system with what trips builders: linked folders, links that climb, set-id bits, hard links. */
const ROOTFS: Tree = {
  'usr/bin/busybox': { text: '\u007fELF not really\u0000', mode: 0o755 },
  'usr/bin/sh': { hardlink: 'usr/bin/busybox' },
  'usr/bin/su': { text: 'su', mode: 0o4755 },
  'usr/bin/write': { text: 'write', mode: 0o2755, gid: 5 },
  'usr/sbin': { dir: true },
  'usr/lib/libc.so.6': { text: 'libc', mode: 0o755 },
  bin: { symlink: 'usr/bin' },
  sbin: { symlink: '/usr/sbin' },
  lib: { symlink: 'usr/lib' },
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\nweb:x:33:33::/srv:/bin/sh\n',
  'etc/group': 'root:x:0:\nweb:x:33:\nstaff:x:50:app\napp:x:1001:\n',
  'etc/motd': { symlink: '../run/motd' },
  run: { dir: true },
  'var/run': { symlink: '/run' },
  'var/spool/old': 'old',
  'var/spool/older': 'older',
  tmp: { dir: true, mode: 0o1777 },
  root: { dir: true, mode: 0o700 },
  'home/app': { dir: true, mode: 0o750, uid: 1000, gid: 1001 },
  'opt/app': { dir: true, mode: 0o2775, gid: 50 },
  'opt/app/config': { text: 'config', uid: 1000, gid: 1001, mode: 0o640 },
  'opt/current': { symlink: 'app' },
  'opt/missing': { symlink: 'not/there' },
  'opt/climbs': { symlink: '../../../../srv' },
  'opt/file-link': { symlink: 'app/config' },
  'dev/null': { char: [1, 3], mode: 0o666 },
  srv: { dir: true },
};

/**
 * Makes three images and puts both into the storage of the other tools and into ours:
 * `localhost/base`, the file system above with a config of its own; `localhost/triggers`, which adds a layer that removes
 * and replaces files, and ONBUILD instructions; `localhost/busy`, in which commands can be run.
 */
export async function makeBases(peers: Peers, engine: Engine): Promise<void> {
  const rootfs = join(peers.directory, 'rootfs.tar');
  await packTree(ROOTFS, rootfs);
  const changes = [
    'ENV PATH=/usr/bin:/bin',
    'ENV LANG=C.UTF-8',
    'CMD ["/bin/sh"]',
    'LABEL maker=slipway',
    'EXPOSE 80',
    'VOLUME /var/spool',
  ];
  await peers.podman(
    'import',
    ...changes.flatMap((change) => ['--change', change]),
    rootfs,
    'localhost/base',
  );

  const container = (await peers.buildah('from', '--pull-never', 'localhost/base')).trim();
  const mounted = (await peers.buildah('mount', container)).trim();
  await rewrite(mounted);
  for (const trigger of ['COPY . /srv/', 'ENV TRIGGERED=yes', 'WORKDIR work']) {
    await peers.buildah('config', '--onbuild', trigger, container);
  }
  await peers.buildah('config', '--entrypoint', '["/bin/busybox"]', '--workingdir', '/srv', container);
  await peers.buildah('commit', '--format', 'docker', '--rm', container, 'localhost/triggers');

  const busy = join(peers.directory, 'busy-rootfs.tar');
  await packTree(await busyTree(), busy);
  await peers.podman('import', '--change', 'CMD ["/bin/sh"]', busy, 'localhost/busy');

  for (const name of ['base', 'triggers', 'busy']) {
    const archive = join(peers.directory, `${name}.tar`);
    await peers.podman('save', '--format', 'docker-archive', '-o', archive, `localhost/${name}`);
    await engine.images.load(archive);
  }
}

/** Debian's static busybox with its commands, users, some data, and the folders that every runtime mounts on. */
export async function busyTree(): Promise<Tree> {
  const applets = (await run('busybox', '--list')).trim().split('\n');
  const links = applets
    .filter((name) => name !== 'busybox')
    .map((name) => [`bin/${name}`, { symlink: 'busybox' }]);
  return {
    'bin/busybox': { text: await readFile('/bin/busybox'), mode: 0o755 },
    ...(Object.fromEntries(links) as Tree),
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n',
    'etc/group': 'root:x:0:\nextra:x:50:app\nmore:x:60:app,root\napp:x:1001:\n',
    'etc/hosts': '',
    'etc/hostname': '',
    'etc/resolv.conf': '',
    'data/file': 'data',
    'data/deep/x': 'x',
    'data/link': { symlink: 'file' },
    dev: { dir: true },
    proc: { dir: true },
    sys: { dir: true },
    run: { dir: true },
    root: { dir: true, mode: 0o700 },
    tmp: { dir: true, mode: 0o1777 },
  };
}

/** Removes a file, replaces a file by a folder and a folder by a new one with the same name. */
async function rewrite(root: string): Promise<void> {
  await rm(join(root, 'var/spool'), { recursive: true });
  await rm(join(root, 'opt/app/config'));
  await rm(join(root, 'usr/bin/write'));
  await writeTree(root, { 'var/spool/new': 'new', 'opt/app/config/inside': 'now a folder' });
}
