import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '../../../shared/contract.ts';
import { findIdentity, type Identity } from '../base/identity.ts';
import { findProgram } from '../base/programs.ts';
import { removeTree } from '../base/remove-tree.ts';
import { runHelper } from './helper-process.ts';
import { findRuntime } from './runtime.ts';

/**
 * Looks at what RUN needs on this machine: rights, programs, namespaces, overlays on the file system of the store. Tries it
 * where trying is the only way to know, in the new directory `place`. Never fails.
 */
export async function checkMachine(place: string): Promise<readonly Check[]> {
  if (process.platform !== 'linux') {
    const detail = `RUN needs Linux, and this is ${process.platform}. Everything else works.`;
    return [{ id: 'system', name: 'Operating system', state: 'missing', detail }];
  }
  const identity = await findIdentity();
  const tools = await Promise.all(TOOLS.map(tool));
  const checks = [rights(identity), await runtime(), ...tools];
  if (tools.some(({ state }) => state === 'missing')) return checks;
  return [...checks, ...(await namespaces(identity, place)), limits(identity)];
}

function rights(identity: Identity): Check {
  const what = { id: 'rights', name: 'Users and groups' };
  switch (identity.kind) {
    case 'root':
      return { ...what, state: 'ok', detail: 'Slipway runs as root: images can have any owners.' };
    case 'range':
      return {
        ...what,
        state: 'ok',
        detail: `Slipway runs as a normal user with ${identity.users} subordinate users for the files of images.`,
      };
    case 'single':
      return {
        ...what,
        state: 'limited',
        detail: `Commands of RUN can only be root and own all files, since ${identity.because}: apt-get, useradd and USER may fail.`,
        fix: identity.fix,
      };
  }
}

async function runtime(): Promise<Check> {
  const what = { id: 'runtime', name: 'Container runtime' };
  const found = await findRuntime();
  if (found?.name === 'crun')
    return { ...what, state: 'ok', detail: `crun runs the commands of RUN: ${found.path}.` };
  if (found) {
    return {
      ...what,
      state: 'limited',
      detail: `runc runs the commands of RUN: ${found.path}. crun starts faster.`,
      fix: 'sudo apt-get install crun',
    };
  }
  return {
    ...what,
    state: 'missing',
    detail: 'Neither crun nor runc is installed, so that no command of RUN can be run.',
    fix: 'sudo apt-get install crun',
  };
}

interface Tool {
  readonly command: string;
  readonly package: string;
  readonly does: string;
}

const TOOLS: readonly Tool[] = [
  { command: 'unshare', package: 'util-linux', does: 'keeps the commands of RUN apart' },
  { command: 'setpriv', package: 'util-linux', does: 'ends the commands of RUN with Slipway' },
  { command: 'tar', package: 'tar', does: 'unpacks layers for RUN' },
];

async function tool({ command, package: name, does }: Tool): Promise<Check> {
  const path = await findProgram(command);
  const what = { id: `tool.${command}`, name: command };
  return path === undefined
    ? {
        ...what,
        state: 'missing',
        detail: `It ${does}, and is not installed.`,
        fix: `sudo apt-get install ${name}`,
      }
    : { ...what, state: 'ok', detail: `It ${does}: ${path}.` };
}

/** Makes the namespaces of a step, and in them an overlay on the file system of the store. */
async function namespaces(identity: Identity, place: string): Promise<readonly Check[]> {
  const script = `cd "$1" && mkdir lower upper work root && : > made && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work${identity.kind === 'root' ? '' : ',userxattr'} overlay root && : > mounted`;
  const args = ['-m', '-p', '-f', '--kill-child=SIGKILL', '--mount-proc', '--propagation', 'private'];
  let made = false;
  let mounted = false;
  try {
    await mkdir(place, { mode: 0o700 });
    const stop = AbortSignal.timeout(10_000);
    await runHelper(identity, 'unshare', [...args, 'sh', '-c', script, 'sh', place], {}, stop);
    made = existsSync(join(place, 'made'));
    mounted = existsSync(join(place, 'mounted'));
  } catch {
    // What could not be tried does not work.
  } finally {
    await removeTree(place).catch(() => undefined);
  }
  const space = { id: 'namespaces', name: 'Namespaces' };
  if (!made) {
    return [
      {
        ...space,
        state: 'missing',
        detail: 'This machine does not let you make the namespaces that keep the commands of RUN apart.',
        fix: identity.kind === 'root' ? 'docker run --privileged …' : await namespaceFix(),
      },
    ];
  }
  const layers = { id: 'overlay', name: 'Overlay file system' };
  return [
    { ...space, state: 'ok', detail: 'Each command of RUN gets processes and mounts of its own.' },
    mounted
      ? { ...layers, state: 'ok', detail: 'Layers are put on each other without copying.' }
      : {
          ...layers,
          state: 'limited',
          detail: `Overlays cannot be mounted at ${place.slice(0, place.indexOf('/ingest/'))}, so that each RUN copies its whole root file system.`,
          fix: 'slipway --store FOLDER …, with a folder on ext4, xfs or btrfs',
        },
  ];
}

/** The setting that forbids user namespaces, where one can be seen. */
async function namespaceFix(): Promise<string> {
  const apparmor = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
  if (existsSync(apparmor)) return 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';
  if (existsSync('/proc/sys/kernel/unprivileged_userns_clone'))
    return 'sudo sysctl -w kernel.unprivileged_userns_clone=1';
  return 'sudo sysctl -w user.max_user_namespaces=28633';
}

function limits(identity: Identity): Check {
  const what = { id: 'limits', name: 'Limits on memory and processors' };
  if (identity.kind !== 'root') {
    return {
      ...what,
      state: 'limited',
      detail: '--memory and --cpu… need root; builds without them do not.',
    };
  }
  const known = existsSync('/sys/fs/cgroup/cgroup.controllers') || existsSync('/sys/fs/cgroup/memory');
  return known
    ? { ...what, state: 'ok', detail: '--memory and --cpu… work, by control groups.' }
    : { ...what, state: 'limited', detail: 'There are no control groups here for --memory and --cpu….' };
}
