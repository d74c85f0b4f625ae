import { gzipSync, zstdCompressSync } from 'node:zlib';
import { dockerfile, type BadInput } from './bad-input.ts';

const TAR_OF_ONE: { readonly tar: Record<string, string> } = { tar: { inner: 'inner\n' } };

/** A tar header that promises a megabyte, compressed and whole. */
const SHORT_TAR = Buffer.concat([tarHeader('big', 1 << 20), Buffer.from('no more')]);

/** Dockerfiles that parse, and cannot be built. Each fails before any step has made a layer. */
export const BUILD_CASES: readonly BadInput[] = [
  // Sources
  dockerfile('COPY of what is not there', 'FROM scratch\nCOPY missing /\n', 2, '"missing" does not exist'),
  dockerfile(
    'COPY of a misspelt name',
    'FROM scratch\n\nCOPY d/pakage.json /\n',
    3,
    '"d/pakage.json" does not exist',
    'Did you mean "d/package.json"?',
    { 'd/package.json': '{}' },
  ),
  dockerfile(
    'COPY of an ignored file',
    'FROM scratch\nCOPY a /\n',
    2,
    '"a" does not exist',
    '.dockerignore',
    { '.dockerignore': 'a\n' },
  ),
  dockerfile(
    'COPY from above the context',
    'FROM scratch\nCOPY ../secret /\n',
    2,
    '"../secret" does not exist',
    'nothing outside',
  ),
  dockerfile(
    'COPY of a path of the machine',
    'FROM scratch\nCOPY /etc/hostname /\n',
    2,
    '"/etc/hostname" does not exist',
    'nothing outside',
  ),
  dockerfile(
    'COPY of a link out of the context',
    'FROM scratch\nCOPY l /\n',
    2,
    '"l" does not exist',
    'links are followed inside',
    { l: { symlink: '/etc/hostname' } },
  ),
  dockerfile(
    'COPY of a link to itself',
    'FROM scratch\nCOPY l /\n',
    2,
    'more than 255 symbolic links',
    undefined,
    { l: { symlink: 'l' } },
  ),
  dockerfile(
    'COPY through two links in a ring',
    'FROM scratch\nCOPY l/x /\n',
    2,
    'more than 255 symbolic links',
    undefined,
    { l: { symlink: 'm' }, m: { symlink: 'l' } },
  ),
  dockerfile('COPY through a file', 'FROM scratch\nCOPY a/b /\n', 2, '"a/b" does not exist'),
  dockerfile('COPY of a pipe', 'FROM scratch\nCOPY pipe /\n', 2, '"pipe" does not exist', undefined, {
    pipe: { fifo: true },
  }),
  dockerfile('COPY with a bad pattern', 'FROM scratch\nCOPY a[ /\n', 2, 'is malformed'),
  dockerfile('COPY with a bad --exclude', 'FROM scratch\nCOPY --exclude=[ d /\n', 2, 'is malformed'),
  dockerfile(
    'COPY --parents of what is not there',
    'FROM scratch\nCOPY --parents x/y /\n',
    2,
    '"x/y" does not exist',
  ),
  dockerfile(
    'second of two sources is missing',
    'FROM scratch\nCOPY a \\\n  b \\\n  /x/\n',
    2,
    '"b" does not exist',
  ),
  dockerfile('name that layers reserve', 'FROM scratch\nCOPY d /\n', 2, '.wh.x', undefined, {
    'd/.wh.x': '',
  }),
  dockerfile('ADD of a web page', 'FROM scratch\nADD https://example.com/x /\n', 2, 'https://example.com/x'),
  dockerfile(
    'ADD of a repository',
    'FROM scratch\nADD git@example.com:x.git /\n',
    2,
    'git@example.com:x.git',
  ),
  dockerfile(
    'ADD --checksum of a file',
    `FROM scratch\nADD --checksum=sha256:${'0'.repeat(64)} a /\n`,
    2,
    '--checksum is for URLs',
  ),

  // Destinations
  dockerfile('two sources onto one file', 'FROM scratch\nCOPY a d/e /x\n', 2, '/x', '/'),
  dockerfile('COPY into a file of the base', 'FROM base\nCOPY a /file/\n', 2, '/file is not a directory'),
  dockerfile(
    'COPY below a file of the base',
    'FROM base\nCOPY a /file/below\n',
    2,
    '/file is not a directory',
  ),
  dockerfile('folder onto a file of the base', 'FROM base\nCOPY d /file\n', 2, '/file is not a directory'),
  dockerfile(
    'COPY through a ring of links',
    'FROM base\nCOPY a /ring/x\n',
    2,
    'more than 255 symbolic links',
  ),
  dockerfile('WORKDIR that is a file', 'FROM base\nWORKDIR /file\n', 2, '/file is not a directory'),
  dockerfile('WORKDIR below a file', 'FROM base\nWORKDIR /file/x\n', 2, '/file is not a directory'),
  dockerfile('two heredocs of one name', 'FROM scratch\nCOPY <<a <<a /x\n1\na\n2\na\n', 2, '/x', '/'),

  // Owners and modes
  dockerfile('owner that nobody is', 'FROM base\nCOPY --chown=nobody a /\n', 2, '"nobody"'),
  dockerfile('group that is not there', 'FROM base\nCOPY --chown=app:staff a /\n', 2, '"staff"'),
  dockerfile('owner by name without a passwd', 'FROM scratch\nCOPY --chown=app a /\n', 2, '"app"', 'number'),
  dockerfile('owner that is no number', 'FROM scratch\nCOPY --chown=99999999999 a /\n', 2, '99999999999'),
  dockerfile('mode with a nine', 'FROM scratch\nCOPY --chmod=0799 a /\n', 2, '"0799"', 'octal'),
  dockerfile('mode too large', 'FROM scratch\nCOPY --chmod=17777 a /\n', 2, '"17777"'),
  dockerfile('mode in no known letters', 'FROM scratch\nCOPY --chmod=u+q a /\n', 2, '"u+q"'),

  // Archives
  dockerfile('ADD of a broken gzip', 'FROM scratch\nADD x.tgz /\n', 2, '"x.tgz"', undefined, {
    'x.tgz': { text: gzipSync(SHORT_TAR).subarray(0, 60) },
  }),
  dockerfile('ADD of a tar that is cut off', 'FROM scratch\nADD x.tar /\n', 2, '"x.tar"', undefined, {
    'x.tar': { text: SHORT_TAR },
  }),
  dockerfile('ADD of a gzip of a cut tar', 'FROM scratch\nADD x.tgz /\n', 2, '"x.tgz"', undefined, {
    'x.tgz': { text: gzipSync(SHORT_TAR) },
  }),
  dockerfile('ADD of a zstd of a cut tar', 'FROM scratch\nADD x.zst /\n', 2, '"x.zst"', undefined, {
    'x.zst': { text: zstdCompressSync(SHORT_TAR) },
  }),
  dockerfile(
    'ADD of an archive onto a file',
    'FROM base\nADD x.tar /file\n',
    2,
    '/file is not a directory',
    undefined,
    { 'x.tar': TAR_OF_ONE },
  ),

  // Stages and images
  dockerfile(
    'base image that is not there',
    'FROM 127.0.0.1:1/alpine:3.20\nCOPY a /\n',
    1,
    'alpine:3.20 is not in the local store',
    'slipway load',
  ),
  dockerfile(
    'base image of a stage that is needed',
    'FROM scratch AS a\nFROM 127.0.0.1:1/no/such\nCOPY --from=a / /\n',
    2,
    'no/such:latest is not in the local store',
  ),
  dockerfile('base image in upper case', 'FROM Alpine\n', 1, 'upper-case', '"alpine"'),
  dockerfile('base image with a wrong tag', 'FROM alpine:\n', 1, 'tag'),
  dockerfile('base image with a short digest', 'FROM alpine@sha256:abc\n', 1, 'digest'),
  dockerfile(
    'base image from an empty variable',
    'ARG BASE\nFROM $BASE\n',
    2,
    'names no image',
    '--build-arg',
  ),
  dockerfile('platform nobody knows', 'FROM --platform=plan9/foo/bar/baz base\nCOPY a /\n', 1, 'plan9'),
  dockerfile('image for another platform', 'FROM --platform=linux/s390x base\nCOPY a /\n', 1, 'linux/s390x'),
  dockerfile(
    'COPY --from a later stage',
    'FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\nFROM a\n',
    2,
    'before it is defined',
  ),
  dockerfile('COPY --from its own stage', 'FROM scratch AS b\nCOPY --from=0 / /\n', 2, 'read from itself'),
  dockerfile('COPY --from a stage number too high', 'FROM scratch\nCOPY --from=7 / /\n', 2, 'no stage 7'),
  dockerfile(
    'COPY --from an image that is not there',
    'FROM scratch\nCOPY --from=127.0.0.1:1/nope /x /\n',
    2,
    'nope:latest is not in the local store',
  ),
  dockerfile('COPY --from a wrong name', 'FROM scratch\nCOPY --from=No /x /\n', 2, 'upper-case'),
  dockerfile(
    'COPY --from of what the image lacks',
    'FROM scratch\nCOPY --from=base /nothing /\n',
    2,
    '"/nothing" does not exist in image base:latest',
  ),
  dockerfile('trigger of the base fails', '# 1\nFROM triggers\n', 2, '"wanted" does not exist'),

  // RUN
  dockerfile('RUN --device', 'FROM base\nRUN --device=gpu true\n', 2, 'RUN --device is not supported'),
  dockerfile(
    'RUN --security=insecure',
    'FROM base\nRUN --security=insecure true\n',
    2,
    'needs the grant security.insecure',
    '--allow security.insecure',
  ),
  dockerfile(
    'RUN --network=host',
    'FROM base\n\nRUN --network=host true\n',
    3,
    'needs the grant network.host',
    '--allow network.host',
  ),
  dockerfile(
    'mount of what is not there',
    'FROM base\nRUN --mount=source=d/pakage.json,target=/x true\n',
    2,
    '"d/pakage.json" does not exist in the build context',
    'Did you mean "d/package.json"?',
    { 'd/package.json': '{}' },
  ),
  dockerfile(
    'mount of an ignored file',
    'FROM base\nRUN --mount=source=a,target=/x true\n',
    2,
    '"a" does not exist',
    '.dockerignore',
    { '.dockerignore': 'a\n' },
  ),
  dockerfile(
    'mount of a path of the machine',
    'FROM base\nRUN --mount=source=/etc/hostname,target=/x true\n',
    2,
    '"/etc/hostname" does not exist',
    'nothing outside',
  ),
  dockerfile(
    'mount of a link out of the context',
    'FROM base\nRUN --mount=source=l,target=/x true\n',
    2,
    '"l" does not exist',
    'links are followed inside',
    { l: { symlink: '/etc/hostname' } },
  ),
  dockerfile(
    'mount of what the stage lacks',
    'FROM base AS b\nFROM base\nRUN --mount=from=b,source=/nothing,target=/x true\n',
    3,
    '"/nothing" does not exist in stage "b"',
  ),
  dockerfile(
    'mount through a ring of links',
    'FROM base\nRUN --mount=from=base,source=ring,target=/x true\n',
    2,
    'more than 255 symbolic links',
  ),
  dockerfile(
    'first content of a cache through a ring of links',
    'FROM base\nRUN --mount=type=cache,from=base,source=ring/x,target=/x true\n',
    2,
    'more than 255 symbolic links',
  ),
  dockerfile(
    'mount from a later stage',
    'FROM base AS a\nRUN --mount=from=b,target=/x true\nFROM scratch AS b\nFROM a\n',
    2,
    'before it is defined',
  ),
  dockerfile(
    'mount from an image that is not there',
    'FROM base\nRUN --mount=from=127.0.0.1:1/nope,target=/x true\n',
    2,
    'nope:latest is not in the local store',
  ),
  dockerfile(
    'mount onto the root directory, by way of a variable',
    'FROM base\nENV T=/\nRUN --mount=target=$T true\n',
    3,
    'root directory as its target',
  ),
  dockerfile(
    'mount of a type from a variable that is none',
    'FROM base\nENV T=disk\nRUN --mount=type=$T,target=/x true\n',
    3,
    'no mount type "disk"',
  ),
  dockerfile(
    'secret from an empty variable',
    'FROM base\nRUN --mount=type=secret,id=$NOTHING true\n',
    2,
    'does not say which secret',
  ),

  // Values
  dockerfile(
    'variable that is required',
    'FROM scratch\nLABEL v="${V:?give a version}"\n',
    2,
    'give a version',
  ),
  dockerfile('variable whose brace stays open', 'FROM scratch\nLABEL v=${V\n', 2, '${ is not closed'),
  dockerfile('variable with an unknown modifier', 'FROM scratch\nLABEL v=${V!x}\n', 2, 'modifier "!"'),
  dockerfile('quote that stays open', 'FROM scratch\nWORKDIR "/x\n', 2, 'double quote is not closed'),
  dockerfile('port that is none', 'FROM scratch\nEXPOSE http\n', 2, 'http'),
  dockerfile('port too high', 'FROM scratch\nEXPOSE 70000/tcp\n', 2, '70000'),
  dockerfile('ports the wrong way round', 'FROM scratch\nEXPOSE 90-80\n', 2, '90-80'),
  dockerfile('protocol nobody knows', 'FROM scratch\nEXPOSE 80/http\n', 2, 'http'),
  dockerfile('signal nobody knows', 'FROM scratch\nSTOPSIGNAL SIGNOPE\n', 2, 'SIGNOPE'),
  dockerfile('volume from an empty variable', 'FROM scratch\nVOLUME $NOTHING\n', 2, 'VOLUME'),
];

/** A ustar header; the rest of the file is somebody else's business. */
function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
