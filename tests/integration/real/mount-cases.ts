import { fileLine, type FileException } from '../parity/parity-case.ts';
import { onBusybox, onDebian, type RealCase } from './real-case.ts';

const INSTALL = 'apt-get install -y --no-install-recommends';
const LEFT = 'buildah leaves the folders that it mounted on; BuildKit takes them away';
/** Folders that only buildah leaves. */
const left = (...paths: readonly string[]): readonly FileException[] =>
  paths.map((path) => ({ path, ours: undefined, why: LEFT }));
const ON_BUSYBOX = 'FROM localhost/busy\n';

/** What a command is given for its time, and what of that must not stay. */
export const MOUNT_CASES: readonly RealCase[] = [
  onBusybox(
    'a cache that an earlier build filled',
    `RUN --mount=type=cache,target=/cache cat /cache/log > /seen && echo second >> /cache/log
RUN --mount=type=cache,target=/cache cat /cache/log > /then; ls -A /cache | wc -l > /count`,
    {
      before: `${ON_BUSYBOX}RUN --mount=type=cache,target=/cache echo first > /cache/log && mkdir /cache/more && touch /cache/more/file`,
      asUser: true,
    },
  ),
  onBusybox(
    'caches by name, for a user, to read only',
    `RUN --mount=type=cache,id=mine,target=/c,uid=1000,gid=1001,mode=0750 stat -c '%u:%g %a' /c > /owner && echo kept > /c/file && chown app /c/file
USER app
RUN --mount=type=cache,id=mine,target=/tmp/other,uid=1000,gid=1001,mode=0750 echo more >> /tmp/other/file && cp /tmp/other/file /tmp/copy
RUN --mount=type=cache,id=mine,target=/c,uid=1000,gid=1001,mode=0750,ro cat /c/file >> /tmp/copy; touch /c/no 2> /dev/null || echo refused >> /tmp/copy
RUN --mount=type=cache,id=another,target=/c ls -A /c > /tmp/empty`,
    { except: left('tmp/other') },
  ),
  onBusybox(
    'a cache that begins with what a stage holds',
    `AS seed
RUN mkdir -p /seed/a && echo seeded > /seed/a/file && chown -R app /seed
FROM localhost/busy
RUN --mount=type=cache,id=from-seed,from=seed,source=/seed,target=/c cp -a /c /copy && echo later > /c/later
RUN --mount=type=cache,id=from-seed,from=seed,source=/seed,target=/c cat /c/a/file /c/later > /both`,
  ),
  onBusybox(
    'the context, a folder and a file of it',
    `WORKDIR /src
RUN --mount=type=bind,target=/src cat a.txt deep/b.txt > /both; touch /src/no 2> /dev/null || echo refused >> /both
RUN --mount=target=/mnt/deep,source=deep --mount=type=bind,source=a.txt,target=/mnt/one.txt cp -r /mnt /copy
RUN --mount=type=bind,rw,target=/src echo written > /src/a.txt && rm -r /src/deep && touch /src/new && ls /src > /listed
RUN ls -A /src > /left`,
    {
      except: [
        ...left('mnt'),
        {
          path: 'listed',
          ours: fileLine('0644 0:0', 'listed', 'a.txt\nnew\n'),
          why: 'buildah 1.28 mounts what .dockerignore excludes',
        },
      ],
      context: { 'a.txt': 'a', 'deep/b.txt': 'b', 'secret.txt': 'left out', '.dockerignore': 'secret.txt\n' },
      asUser: true,
    },
  ),
  onBusybox(
    'targets from WORKDIR on, memory that is limited, a cache for one at a time',
    `WORKDIR /w
RUN --mount=target=in --mount=type=tmpfs,target=small,size=1m cp in/a.txt . && dd if=/dev/zero of=small/f bs=64k count=32 2> /dev/null || echo full > full
RUN --mount=type=cache,target=cache,sharing=private touch cache/f && ls cache > list`,
    {
      context: { 'a.txt': 'a' },
      theirs: {
        dockerfile: `${ON_BUSYBOX}WORKDIR /w\nCOPY a.txt .\nRUN echo full > full && echo f > list\n`,
        why: 'buildah 1.28 has none of the three',
      },
      asUser: true,
    },
  ),
  onBusybox(
    'what another stage and another image hold',
    `AS build
RUN mkdir -p /out/sub && echo built > /out/sub/file && ln -s sub/file /out/link && chown 5:6 /out/sub/file
FROM localhost/busy
RUN --mount=type=bind,from=build,source=/out,target=/in cp -a /in /copied && cat /in/link > /through
RUN --mount=from=localhost/debian,source=/etc,target=/debian/etc cat /debian/etc/debian_version | wc -l > /version
RUN --mount=from=build,source=/out,target=/in,rw rm /in/link && echo more >> /in/sub/file && cat /in/sub/file > /more
RUN --mount=from=build,target=/whole cat /whole/out/sub/file > /unchanged`,
    {
      except: [
        ...left('debian'),
        {
          path: 'unchanged',
          ours: fileLine('0644 0:0', 'unchanged', 'built\n'),
          why: 'buildah lets rw write into the stage; BuildKit discards it',
        },
      ],
      asUser: true,
    },
  ),
  onBusybox(
    'memory in the place of a folder',
    `RUN --mount=type=tmpfs,target=/data ls -A /data > /hidden && echo gone > /data/gone
RUN --mount=type=tmpfs,target=/scratch/deep dd if=/dev/zero of=/scratch/deep/f bs=64k count=32 2> /dev/null && ls /scratch/deep > /listed
RUN cat /data/file > /back`,
    {
      theirs: {
        dockerfile: `${ON_BUSYBOX}RUN touch /hidden && echo f > /listed && cp /data/file /back\n`,
        why: 'buildah 1.28 takes away folders of the image that it mounted memory on',
      },
      asUser: true,
    },
  ),
  onBusybox(
    'secrets as files: where, whose, which mode, and one that nobody gave',
    `RUN --mount=type=secret,id=token tr a-z A-Z < /run/secrets/token > /default
RUN --mount=type=secret,id=token,target=/etc/app/token,mode=0440,uid=1000,gid=50 stat -c '%u:%g %a' /etc/app/token > /owner
RUN --mount=type=secret,id=never test ! -e /run/secrets/never && echo absent > /absent
RUN --mount=type=secret,id=config,target=/root/.netrc wc -c < /root/.netrc > /size; ls -A /root > /left`,
    {
      except: left('etc/app', 'run/secrets'),
      context: { token: 'abc', config: 'machine example login me', '.dockerignore': '*' },
      flags: ['--secret', 'id=token,src=$CONTEXT/token', '--secret', 'id=config,src=$CONTEXT/config'],
      asUser: true,
    },
  ),
  onBusybox(
    'a secret as a variable',
    `RUN --mount=type=secret,id=token,env=TOKEN echo "\${#TOKEN}" > /length && test ! -e /run/secrets/token && echo none > /file
RUN echo "\${TOKEN:-unset}" > /after`,
    {
      context: { token: 'abcdef', '.dockerignore': '*' },
      flags: ['--secret', 'id=token,src=$CONTEXT/token'],
      theirs: {
        dockerfile: `${ON_BUSYBOX}RUN echo 6 > /length && echo none > /file && echo unset > /after\n`,
        why: 'buildah 1.28 has secrets as files only',
      },
    },
  ),
  {
    name: 'an ssh agent',
    dockerfile: `FROM localhost/node
RUN --mount=type=ssh node ask.js > /dev/null 2>&1 || echo no script yet > /tmp/first
COPY ask.js /ask.js
RUN --mount=type=ssh,required=true node /ask.js > /keys && test -S "$SSH_AUTH_SOCK" && echo socket >> /keys
RUN echo "\${SSH_AUTH_SOCK:-unset}" > /after
`,
    context: { 'ask.js': ask() },
    flags: ['--ssh', 'default=$SSH_AUTH_SOCK'],
    except: left('run/buildkit'),
    asUser: true,
  },
  onDebian(
    'apt with its caches kept between builds',
    `RUN rm -f /etc/apt/apt.conf.d/docker-clean && echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' > /etc/apt/apt.conf.d/keep-cache
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update && ${INSTALL} libcap2-bin
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked ls /var/cache/apt/archives | grep -c libcap2-bin > /kept`,
    {
      theirs: {
        dockerfile: `FROM localhost/debian
RUN rm -f /etc/apt/apt.conf.d/docker-clean && echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' > /etc/apt/apt.conf.d/keep-cache
RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get update && ${INSTALL} libcap2-bin && echo 1 > /kept
RUN mkdir -p /var/cache/apt/archives/partial /var/lib/apt/lists/partial /var/lib/apt/mirrors/partial /var/lib/apt/periodic
`,
        why: 'buildah 1.28 waits for itself where two caches are locked, and takes away folders of the image that it mounted on',
      },
    },
  ),
  {
    name: 'npm with its cache kept between builds, and a private .npmrc',
    dockerfile: `FROM localhost/node AS deps
WORKDIR /app
RUN --mount=type=bind,source=package.json,target=/app/package.json \\
    --mount=type=bind,source=package-lock.json,target=/app/package-lock.json \\
    --mount=type=secret,id=npmrc,target=/root/.npmrc \\
    --mount=type=cache,target=/root/.npm \\
    npm ci && npm config get init-author-name > /author
FROM localhost/node
WORKDIR /app
COPY --from=deps /app/node_modules node_modules
COPY --from=deps /author .
RUN ls -A /root . > list
`,
    context: {
      'package.json': JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { ms: '2.1.3' } }),
      'package-lock.json': JSON.stringify({
        name: 'app',
        version: '1.0.0',
        lockfileVersion: 3,
        packages: {
          '': { name: 'app', version: '1.0.0', dependencies: { ms: '2.1.3' } },
          'node_modules/ms': { version: '2.1.3' },
        },
      }),
      npmrc: 'init-author-name=from the secret\n',
      '.dockerignore': 'npmrc\n',
    },
    flags: ['--secret', 'id=npmrc,src=$CONTEXT/npmrc'],
  },
];

/** Asks the agent for its keys, as ssh-add -L does, in the protocol's own bytes, and says at once that it asks no more. */
function ask(): string {
  return `const socket = require('node:net').connect(process.env.SSH_AUTH_SOCK);
socket.end(Buffer.from([0, 0, 0, 1, 11]));
let all = Buffer.alloc(0);
socket.on('data', (part) => (all = Buffer.concat([all, part])));
socket.on('close', () => console.log('answer', all[4], 'keys', all.readUInt32BE(5)));
`;
}
