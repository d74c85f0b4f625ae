import { command, type BadInput } from './bad-input.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;

export const COMMAND_CASES: readonly BadInput[] = [
  // Tags
  command('tag in upper case', ['build', '-t', 'App', '.'], 'upper-case letter "A"', '"app"'),
  command('tag that is too long', ['build', '-t', `app:${'x'.repeat(129)}`, '.'], 'longer than 128'),
  command('repository that is too long', ['build', '-t', 'x'.repeat(256), '.'], 'longer than 255'),
  command('tag with a digest', ['build', '-t', `app@${DIGEST}`, '.'], 'has a digest'),
  command('tag that is empty', ['build', '-t', '', '.'], 'empty'),
  command('tag after the colon is empty', ['build', '-t', 'app:', '.'], 'empty'),
  command('tag with a blank', ['build', '-t', 'my app', '.'], 'not allowed'),
  command('tag with a line break', ['build', '-t', 'app\nx', '.'], 'not allowed'),
  command('tag with two colons', ['build', '-t', 'app:1:2', '.'], 'not allowed'),
  command('tag that climbs', ['build', '-t', '../app', '.'], 'not a host name'),
  command('tag with a wrong port', ['build', '-t', 'host:port/app', '.'], 'port'),
  command('second tag is the wrong one', ['build', '-t', 'app', '-t', 'b//c', '.'], 'empty part'),
  command('tag without a value', ['build', '-t'], 'needs a value'),

  // Other flags of build
  command('platform of one word too many', ['build', '--platform', 'a/b/c/d', '.'], 'a/b/c/d'),
  command('platform with odd letters', ['build', '--platform', 'linux/am d64', '.'], 'linux/am d64'),
  command('platform that is empty', ['build', '--platform', '', '.'], 'Platform ""'),
  command(
    'several platforms',
    ['build', '--platform', 'linux/amd64,linux/arm64', '.'],
    'linux/amd64,linux/arm64',
  ),
  command(
    'output of an unknown type',
    ['build', '-o', 'type=zip,dest=x', '.'],
    '"zip"',
    'oci, docker, tar, local',
  ),
  command('output without a type', ['build', '-o', 'dest=x', '.'], 'type'),
  command('output without a destination', ['build', '-o', 'type=oci', '.'], 'needs dest=PATH'),
  command('output with an unknown field', ['build', '-o', 'type=oci,dst=x', '.'], '"dst"', 'type and dest'),
  command('output folder on standard output', ['build', '-o', 'type=local,dest=-', '.'], 'needs dest=PATH'),
  command('output in a folder that is not there', ['build', '-o', 'type=oci,dest=no/x.tar', '.'], 'no/x.tar'),
  command('output onto a folder', ['build', '-o', 'type=oci,dest=d', '.'], '/d'),
  command('output folder onto a file', ['build', '-o', 'type=local,dest=a', '.'], '/a'),
  command(
    'target that is not there',
    ['build', '--target', 'release', '.'],
    'no stage named "release"',
    'name',
  ),
  command('build argument without a name', ['build', '--build-arg', '=x', '.'], 'no name', 'NAME=VALUE'),
  command('label without a name', ['build', '--label', '=x', '.'], 'no name'),
  command('progress that is no choice', ['build', '--progress', 'fancy', '.'], '"fancy"', 'plain'),
  command('unknown flag', ['build', '--nope', '.'], '"--nope" is not known', '--help'),
  command('misspelt flag', ['build', '--taget', 'x', '.'], '"--taget"', '--target'),
  command('flag of docker build', ['build', '--secret', 'id=x', '.'], 'does not support --secret'),
  command('flag of buildx', ['build', '--push', '.'], 'does not support --push'),
  command('two contexts', ['build', '.', 'd'], 'more arguments'),
  command('context from standard input', ['build', '-'], 'standard input', 'folder'),
  command('context from git', ['build', 'https://user:pw@example.com/x.git'], 'https://example.com/x.git'),
  command('iidfile in a folder that is not there', ['build', '--iidfile', 'no/id', '.'], 'no/id'),
  command('metadata file in a folder that is not there', ['build', '--metadata-file', 'no/m', '.'], 'no/m'),
  command('iidfile onto a folder', ['build', '--iidfile', 'd', '.'], '/d'),

  // Images by name
  command('inspect of what is not there', ['inspect', 'nope'], 'no image nope', 'slipway images'),
  command('inspect of a wrong name', ['inspect', 'No'], 'upper-case'),
  command('inspect of a digest that is not there', ['inspect', DIGEST], `no image ${DIGEST}`),
  command('inspect of nothing', ['inspect', ''], 'empty'),
  command('history of what is not there', ['history', 'a/b:c'], 'no image a/b:c'),
  command('tag of what is not there', ['tag', 'nope', 'app'], 'no image nope'),
  command('tag to a wrong name', ['tag', 'base', 'App'], 'upper-case'),
  command('tag to a digest', ['tag', 'base', `app@${DIGEST}`], 'has a digest'),
  command('tag without a name', ['tag', 'base'], '<name> is missing'),
  command('rmi of what is not there', ['rmi', 'nope'], 'no image nope'),
  command('save of what is not there', ['save', '-o', 'x.tar', 'nope'], 'no image nope'),
  command('save without --output', ['save', 'base'], '--output'),
  command('save to a folder that is not there', ['save', '-o', 'no/x.tar', 'base'], 'no/x.tar'),
  command('save onto a folder', ['save', '-o', 'd', 'base'], '/d'),
  command('save in an unknown format', ['save', '--format', 'zip', '-o', 'x', 'base'], '"zip"', 'oci'),

  // Archives
  command('load of a file that is not there', ['load', 'no.tar'], 'no.tar'),
  command('load of a text', ['load', 'a'], '"a" is not an image archive'),
  command('load of a folder that is no layout', ['load', 'd'], '"d" is not an image archive'),
  command('load of nothing', ['load'], '<path> is missing'),
  ...[
    ['an empty file', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(10_240)],
    ['a gzip that is cut off', Buffer.from('1f8b0800000000000003', 'hex')],
    ['noise', Buffer.from('0123456789abcdef'.repeat(512), 'hex')],
  ].map(([name, bytes]): BadInput => ({
    name: `load of ${name as string}`,
    tree: { 'x.tar': { text: bytes as Buffer } },
    words: ['load', 'x.tar'],
    says: 'x.tar',
  })),
  {
    name: 'load of a tar that is no image',
    tree: { 'x.tar': { tar: { readme: 'hello\n' } } },
    words: ['load', 'x.tar'],
    says: 'x.tar',
  },
  {
    name: 'load of a layout whose index is no JSON',
    tree: { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}', 'index.json': '{' },
    words: ['load', '.'],
    says: 'index.json',
  },
  {
    name: 'load of a layout whose blob is missing',
    tree: {
      'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      'index.json': JSON.stringify({
        schemaVersion: 2,
        manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: DIGEST, size: 2 }],
      }),
    },
    words: ['load', '.'],
    says: 'is named by the layout',
  },
  {
    name: 'load of a docker archive whose layer is missing',
    tree: {
      'x.tar': {
        tar: {
          'manifest.json': JSON.stringify([{ Config: 'c.json', RepoTags: ['x:1'], Layers: ['l.tar'] }]),
          'c.json': JSON.stringify({
            os: 'linux',
            architecture: 'amd64',
            rootfs: { type: 'layers', diff_ids: [DIGEST] },
          }),
        },
      },
    },
    words: ['load', 'x.tar'],
    says: 'l.tar',
  },

  // Everything else
  command('unknown command', ['biuld', '.'], '"biuld" is not known', 'build'),
  command('store that is a file', ['--store', 'a', 'images'], '/a'),
  command('store in a file', ['--store', 'a/b', 'images'], '/a'),
  command('store that is another folder', ['--store', '.', 'images'], 'is no Slipway store'),
  command('parse of a file that is not there', ['parse', 'none'], 'none'),
  command('parse of a folder', ['parse', 'd'], '"d" cannot be read'),
  command('serve on a port that is none', ['serve', '--port', 'http'], '"http"'),
  command('serve on a port too high', ['serve', '--port', '70000'], '"70000"'),
];
