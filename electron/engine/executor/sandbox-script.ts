import type { Identity } from '../base/identity.ts';
import type { Runtime } from './runtime.ts';
import { quote } from './shell-quote.ts';

/** What a sandbox is made of. All paths are absolute and ours; nothing of an image is in them. */
export interface Sandbox {
  /** The step's own directory, with what {@link PLACE_FOLDERS} names. */
  readonly place: string;
  readonly identity: Identity;
  readonly runtime: Runtime;
  readonly containerId: string;
  /** Names in `place`/lower, topmost first; undefined where `place`/rootfs holds plain copies instead. */
  readonly lower: readonly string[] | undefined;
  /** The directory that takes what the process changes: `place`/upper, or one of an earlier run. */
  readonly upper: string;
  /** Folders to make in the root filesystem where they are missing, relative to it: no part of them may be a link there. */
  readonly folders: readonly string[];
  /** Stacks of layers for mounts: names in `place`/stackN/lower, topmost first, to be seen at `place`/stackN/root. */
  readonly stacks: readonly {
    readonly folder: string;
    readonly lower: readonly string[];
    readonly readonly: boolean;
  }[];
  /** Folders bound to `target` after walking from `source` by names alone, never through a link. */
  readonly walks: readonly {
    readonly source: string;
    readonly names: readonly string[];
    readonly target: string;
  }[];
  /** Lines that put the process into its control groups, and take them away after it. */
  readonly enterGroups: readonly string[];
  readonly leaveGroups: readonly string[];
  /** The process has a terminal that is connected with the script's own. */
  readonly terminal: boolean;
  /** Where what the process changed is written as tar, if it ends with 0. */
  readonly changes: string | undefined;
  /** Bytes that those may have. */
  readonly room: number;
}

/** Folders that a step's directory has. */
export const PLACE_FOLDERS = ['lower', 'upper', 'work', 'rootfs', 'empty', 'bundle'] as const;

/** The file in `place` that names the part which failed, and the one that is there once the runtime is started. */
export const FAILED = 'failed';
export const STARTED = 'started';
/** The file in `place` that has what tar said about changes it could not read. */
export const TAR_SAID = 'tar-said';

/** What may fail before the process starts. */
export type SandboxFailure = 'bundle' | 'overlay' | 'stack' | 'walk' | 'groups';

/**
 * The shell script that sets a sandbox up in a mount and process namespace of its own, runs the process and collects what it
 * changed. Everything it mounts ends with the namespace. Where the parts fail it writes which into `place`/failed, before the
 * process has started. Its input on descriptor 3 is the bundle; secrets are in it, so it goes to memory only.
 */
export function sandboxScript(sandbox: Sandbox): string {
  const { place, identity, runtime, lower, upper, changes, containerId, terminal } = sandbox;
  const at = (name: string): string => quote(`${place}/${name}`);
  const isRoot = identity.kind === 'root';
  // Layers come from elsewhere: nothing in them may redirect a look-up (redirect_dir, metacopy).
  const overlay = (options: string): string =>
    `mount -t overlay -o redirect_dir=nofollow,metacopy=off,index=off,${isRoot ? '' : 'userxattr,'}${options} overlay`;
  return [
    `fail() { echo "$1" > ${at(FAILED)}; exit 1; }`,
    // crun refuses machines with both versions of control groups in sight.
    isRoot
      ? 'umount /sys/fs/cgroup/unified 2>/dev/null'
      : '[ ! -d /sys/fs/cgroup/unified ] || mount -t tmpfs -o ro,size=4k tmpfs /sys/fs/cgroup/unified 2>/dev/null',
    `mount -t tmpfs -o mode=0700,nosuid,nodev slipway ${at('bundle')} || fail bundle`,
    `tar -x -p --same-owner --numeric-owner -C ${at('bundle')} -f - <&3 || fail bundle`,
    'exec 3<&-',
    ...(lower
      ? [
          // Relative names, because the kernel takes one page of options.
          `cd ${at('lower')} || fail overlay`,
          `${overlay(`lowerdir=${lower.join(':')},upperdir=../up,workdir=../work`)} ../rootfs 2>/dev/null || fail overlay`,
        ]
      : []),
    // A file in the way is for the runtime to complain about.
    ...sandbox.folders.map((path) => `(umask 022; mkdir -p ${at(`rootfs/${path}`)} 2>/dev/null)`),
    ...sandbox.stacks.flatMap(({ folder, lower: names, readonly }) => [
      `cd ${at(`${folder}/lower`)} || fail stack`,
      `${overlay(`${readonly ? '' : 'upperdir=../up,workdir=../work,'}lowerdir=${names.join(':')}`)} ../root || fail stack`,
    ]),
    ...sandbox.walks.flatMap(({ source, names, target }) => [
      `cd -P ${quote(source)} || fail walk`,
      ...names.map((name) => `[ ! -L ${quote(`./${name}`)} ] && cd -P ${quote(`./${name}`)} || fail walk`),
      // Whatever was moved meanwhile: this is where we are now, and the mount takes where we are.
      `[ "$(readlink /proc/self/cwd)" = ${quote([source, ...names].join('/'))} ] || fail walk`,
      `mount --no-canonicalize --bind . ${quote(target)} || fail walk`,
    ]),
    ...sandbox.enterGroups,
    `cd ${at('bundle')} && : > ${at(STARTED)}`,
    ...(terminal ? [passSizeOn(place)] : []),
    `${runtimeWords(runtime, place, terminal).map(quote).join(' ')} ${quote(containerId)}`,
    'code=$?',
    ...(terminal ? [lastOutput(place)] : []),
    ...sandbox.leaveGroups,
    ...(changes === undefined ? [] : [collect(changes, lower ? upper : `${place}/rootfs`, sandbox)]),
    'exit $code',
  ].join('\n');
}

function runtimeWords({ name, path }: Runtime, place: string, terminal: boolean): readonly string[] {
  const bundle = `${place}/bundle`;
  return [
    path,
    ...['--root', `${bundle}/state`],
    ...(name === 'crun' ? ['--cgroup-manager=disabled'] : []),
    ...(name === 'crun' && terminal ? [`--log=${logFile(place)}`, '--log-format=json'] : []),
    ...['run', '--pid-file', pidFile(place), '-b', bundle],
  ];
}

function pidFile(place: string): string {
  return `${place}/bundle/pid`;
}

function logFile(place: string): string {
  return `${place}/bundle/log`;
}

/**
 * What a process in a terminal printed just before its end crun takes for a message of its own: it goes to its log, with a line end
 * more, among errors that it has shown already.
 */
function lastOutput(place: string): string {
  const log = quote(logFile(place));
  return `[ ! -s ${log} ] || sed -e '/^{"msg":.*"level":"error"/d' -e 's/\\r$//' ${log} | head -c -1`;
}

/**
 * Beside the runtime, gives the process's terminal the size of the script's own each time that changes, since crun does not. The
 * terminal is the one that the process has as its input, and is reached by no path of the image.
 */
function passSizeOn(place: string): string {
  const pid = quote(pidFile(place));
  return [
    'exec 5<&0',
    '(',
    `resize() { stty -F "/proc/$(cat ${pid})/fd/0" $(stty size <&5 | sed 's/\\(.*\\) /rows \\1 cols /') 2>/dev/null; }`,
    `until [ -s ${pid} ]; do sleep 0.05; done`,
    'trap resize WINCH',
    'resize',
    'while :; do sleep infinity & wait $!; kill $!; done',
    ') >/dev/null 2>&1 &',
    'exec 5<&-',
  ].join('\n');
}

/**
 * Reads the changed files, unless they would not fit: a file with holes is written without. What only root of a user namespace may
 * remove is removed here, where somebody is that.
 */
function collect(changes: string, from: string, { place, identity, room }: Sandbox): string {
  const tar = ['tar', '--xattrs', '--xattrs-include=*', '--format=pax', '--numeric-owner', '--sort=name'];
  const words = [...tar, '-C', from, '-c', '-f', changes, '.'].map(quote).join(' ');
  const said = quote(`${place}/${TAR_SAID}`);
  const failed = quote(`${place}/${FAILED}`);
  return [
    'if [ $code = 0 ]; then',
    'cd /',
    `set -- $(du -s -B1 --apparent-size ${quote(from)})`,
    `[ "$1" -le ${room} ] || { echo "space $1" > ${failed}; exit 1; }`,
    // With what there is of it gone, there is room for a word about it.
    `${words} 2>${said} || { rm -f ${quote(changes)}; echo changes > ${failed}; exit 1; }`,
    ...(identity.kind === 'root' ? [] : [`rm -rf ${quote(`${place}/upper`)} ${quote(`${place}/work`)}`]),
    'fi',
  ].join('\n');
}
