import { describe, expect, test } from 'vitest';
import { parseOne } from './outline.ts';

type Row = readonly [text: string, expected: Record<string, unknown>];

function table(name: string, rows: readonly Row[]): void {
  describe(`instructions: ${name}`, () => {
    test.each(rows)('%j', (text, expected) => {
      expect(parseOne(text)).toMatchObject(expected);
    });
  });
}

const shell = (text: string) => ({ command: { form: 'shell', text } });
const exec = (...words: string[]) => ({ command: { form: 'exec', words } });
const pairs = (...list: [key: string, value: string][]) => ({
  pairs: list.map(([key, value]) => ({ key, value })),
});

table('shell and exec form', [
  ['RUN echo hello', shell('echo hello')],
  ['RUN   echo   hello  ', shell('echo   hello')],
  ['run echo hello', { kind: 'RUN', ...shell('echo hello') }],
  ['rUn\techo', { kind: 'RUN', ...shell('echo') }],
  ['RUN', shell('')],
  ['RUN ["echo", "hello"]', exec('echo', 'hello')],
  ['RUN []', exec()],
  ['RUN  [ "a" , "b" ] ', exec('a', 'b')],
  ['RUN ["a\\tb", "\\u00e9"]', exec('a\tb', 'é')],
  ['RUN ["\\ud800"]', exec('\ufffd')],
  ["RUN ['echo', 'hello']", shell("['echo', 'hello']")],
  ['RUN ["echo", "hello"', shell('["echo", "hello"')],
  ['RUN ["echo"] && ls', shell('["echo"] && ls')],
  ['RUN ["C:\\dir"]', shell('["C:\\dir"]')],
  ['RUN ["a",]', shell('["a",]')],
  ['RUN [ -f x ] && y', shell('[ -f x ] && y')],
  ['RUN {"a": 1}', shell('{"a": 1}')],
  ['RUN echo "[1]"', shell('echo "[1]"')],
  ['RUN echo # not a comment', shell('echo # not a comment')],
  ['RUN echo \\\n  hello', shell('echo   hello')],
  ['CMD ["node", "a.js"]', { kind: 'CMD', ...exec('node', 'a.js') }],
  ['CMD node a.js', { kind: 'CMD', ...shell('node a.js') }],
  ['CMD []', { kind: 'CMD', ...exec() }],
  ['CMD', { kind: 'CMD', ...shell('') }],
  ['ENTRYPOINT ["/init"]', { kind: 'ENTRYPOINT', ...exec('/init') }],
  ['ENTRYPOINT exec top -b', { kind: 'ENTRYPOINT', ...shell('exec top -b') }],
  ['SHELL ["/bin/bash", "-c"]', { kind: 'SHELL', words: ['/bin/bash', '-c'] }],
]);

table('ENV and LABEL', [
  ['ENV a=b', { kind: 'ENV', ...pairs(['a', 'b']) }],
  ['ENV a=', pairs(['a', ''])],
  ['ENV a=b c=d', pairs(['a', 'b'], ['c', 'd'])],
  ['ENV a=b \\\n    c=d', pairs(['a', 'b'], ['c', 'd'])],
  ['ENV a="b c" d=e', pairs(['a', '"b c"'], ['d', 'e'])],
  ["ENV a='b c' d=e", pairs(['a', "'b c'"], ['d', 'e'])],
  ['ENV a=b\\ c d=e', pairs(['a', 'b\\ c'], ['d', 'e'])],
  ['ENV a="b\\" c"', pairs(['a', '"b\\" c"'])],
  ["ENV a='b\\' c=d", pairs(['a', "'b\\'"], ['c', 'd'])],
  ['ENV a=b=c', pairs(['a', 'b=c'])],
  ['ENV a=$b${c}', pairs(['a', '$b${c}'])],
  ['ENV a="x y"z\'q r\'', pairs(['a', '"x y"z\'q r\''])],
  ['ENV name value', pairs(['name', 'value'])],
  ['ENV name  a value with  spaces ', pairs(['name', 'a value with  spaces'])],
  ['ENV name a=b', pairs(['name', 'a=b'])],
  ['ENV name "a b"', pairs(['name', '"a b"'])],
  ['ENV "a b"=c', pairs(['"a b"', 'c'])],
  ['ENV a="', pairs(['a', '"'])],
  ['LABEL a=b "c d"="e f"', { kind: 'LABEL', ...pairs(['a', 'b'], ['"c d"', '"e f"']) }],
  ['LABEL com.example.name value here', pairs(['com.example.name', 'value here'])],
  ['LABEL a="line \\\n  two"', pairs(['a', '"line   two"'])],
]);

table('ARG', [
  ['ARG a', { kind: 'ARG', args: [{ name: 'a' }] }],
  ['ARG a=', { args: [{ name: 'a', default: '' }] }],
  ['ARG a=b', { args: [{ name: 'a', default: 'b' }] }],
  ['ARG a b=c d', { args: [{ name: 'a' }, { name: 'b', default: 'c' }, { name: 'd' }] }],
  ['ARG a="x y"', { args: [{ name: 'a', default: '"x y"' }] }],
  ['ARG a=$b', { args: [{ name: 'a', default: '$b' }] }],
]);

table('COPY and ADD', [
  ['COPY a b', { kind: 'COPY', sources: ['a'], destination: 'b', link: false, parents: false, exclude: [] }],
  ['COPY a b c/', { sources: ['a', 'b'], destination: 'c/' }],
  ['COPY  a\tb   c/ ', { sources: ['a', 'b'], destination: 'c/' }],
  ['COPY ["a b", "c d"]', { sources: ['a b'], destination: 'c d' }],
  ['COPY "a b" c', { sources: ['"a', 'b"'], destination: 'c' }],
  ["COPY ['a', 'b']", { sources: ["['a',"], destination: "'b']" }],
  ['COPY --from=build /a /b', { from: 'build' }],
  ['COPY --from=0 /a /b', { from: '0' }],
  ['COPY --from= /a /b', { sources: ['/a'] }],
  ['COPY --chown=1:2 --chmod=755 a b', { chown: '1:2', chmod: '755' }],
  ['COPY --chown=$USER a b', { chown: '$USER' }],
  ['COPY --link a b', { link: true }],
  ['COPY --link=false a b', { link: false }],
  ['COPY --link=TRUE a b', { link: true }],
  ['COPY --parents a/b c/', { parents: true }],
  ['COPY --exclude=*.md --exclude=*.txt . /', { exclude: ['*.md', '*.txt'] }],
  ['COPY --exclude="a b" . /', { exclude: ['a b'] }],
  ['COPY -- --a b', { sources: ['--a'], destination: 'b' }],
  ['COPY a --b', { sources: ['a'], destination: '--b' }],
  ['COPY -a b', { sources: ['-a'], destination: 'b' }],
  ['ADD a.tar.gz /x', { kind: 'ADD', sources: ['a.tar.gz'], destination: '/x' }],
  ['ADD --unpack a b', { unpack: true }],
  ['ADD --unpack=false a b', { unpack: false }],
  ['ADD --keep-git-dir=true a b', { keepGitDir: true }],
  ['ADD --checksum=sha256:abc https://x/y /z', { checksum: 'sha256:abc', sources: ['https://x/y'] }],
  ['ADD --chown=a --chmod=u=rw --link --exclude=x a b', { chown: 'a', chmod: 'u=rw', link: true }],
]);

table('flags', [
  ['RUN --network=none ls', { network: 'none', ...shell('ls') }],
  ['RUN --network=host --security=insecure ls', { network: 'host', security: 'insecure' }],
  ['RUN ls --network=none', { network: 'default', security: 'sandbox', ...shell('ls --network=none') }],
  ['RUN -- --network=none', { network: 'default', ...shell('--network=none') }],
  ['RUN --network="none" ls', { network: 'none' }],
  ["RUN --network='no'ne ls", { network: 'none' }],
  ['RUN --network=no\\ne ls', { network: 'none' }],
  ['RUN --device=vendor.com/gpu=all ls', { devices: ['vendor.com/gpu=all'] }],
  ['RUN \\\n  --network=none \\\n  ls', { network: 'none', ...shell('ls') }],
]);

const mount = (fields: Record<string, unknown>) => ({ mounts: [fields] });

table('mounts', [
  ['RUN --mount=target=/x y', mount({ type: 'bind', target: '/x', text: 'target=/x' })],
  ['RUN --mount=type=bind,src=a,dst=/b,from=c y', mount({ source: 'a', target: '/b', from: 'c' })],
  ['RUN --mount=type=bind,source=a,destination=/b,rw y', mount({ readonly: false })],
  ['RUN --mount=type=bind,target=/b,readwrite=false y', mount({ readonly: true })],
  ['RUN --mount=type=bind,target=/b,ro y', mount({ readonly: true })],
  ['RUN --mount=type=bind,target=/b,readonly=0 y', mount({ readonly: false })],
  ['RUN --mount=TYPE=Cache,TARGET=/c y', mount({ type: 'cache', target: '/c' })],
  [
    'RUN --mount=type=cache,target=/c,id=i,sharing=Locked,mode=0700,uid=1,gid=2 y',
    mount({ id: 'i', sharing: 'locked', mode: '0700', uid: '1', gid: '2' }),
  ],
  ['RUN --mount=type=tmpfs,target=/t,size=1.5g y', mount({ type: 'tmpfs', size: '1.5g' })],
  ['RUN --mount=type=secret,id=s,required y', mount({ type: 'secret', id: 's', required: true })],
  ['RUN --mount=required,type=secret,id=s y', mount({ required: true })],
  ['RUN --mount=type=secret,id=s,env=TOKEN,required=false y', mount({ env: 'TOKEN', required: false })],
  ['RUN --mount=type=ssh y', mount({ type: 'ssh' })],
  ['RUN --mount=type=ssh,id=github,mode=0600 y', mount({ id: 'github', mode: '0600' })],
  ['RUN --mount=type=cache,target=$DIR,uid=$U y', mount({ target: '$DIR', uid: '$U' })],
  ['RUN --mount=type=cache,target=/c,sharing=$HOW y', mount({ sharing: '$HOW' })],
  ['RUN --mount=\'type=bind,"source=a,b",target=/x\' y', mount({ source: 'a,b', target: '/x' })],
  ['RUN --mount=type=bind,source="a b",target=/x y', mount({ source: 'a b' })],
  ['RUN --mount=type=ssh --mount=type=tmpfs,target=/t y', { mounts: [{ type: 'ssh' }, { type: 'tmpfs' }] }],
]);

const health = (test: readonly string[], rest: Record<string, number> = {}) => ({
  kind: 'HEALTHCHECK',
  test,
  interval: 0,
  timeout: 0,
  startPeriod: 0,
  startInterval: 0,
  retries: 0,
  ...rest,
});

table('HEALTHCHECK', [
  ['HEALTHCHECK NONE', health(['NONE'])],
  ['HEALTHCHECK none', health(['NONE'])],
  ['HEALTHCHECK CMD curl -f x', health(['CMD-SHELL', 'curl -f x'])],
  ['HEALTHCHECK cmd   curl', health(['CMD-SHELL', 'curl'])],
  ['HEALTHCHECK CMD ["curl", "x"]', health(['CMD', 'curl', 'x'])],
  ["HEALTHCHECK CMD ['curl']", health(['CMD-SHELL', "['curl']"])],
  ['HEALTHCHECK --interval=30s CMD x', health(['CMD-SHELL', 'x'], { interval: 30e9 })],
  [
    'HEALTHCHECK --timeout=1m30s --retries=3 CMD x',
    health(['CMD-SHELL', 'x'], { timeout: 90e9, retries: 3 }),
  ],
  [
    'HEALTHCHECK --start-period=1h --start-interval=500ms CMD x',
    health(['CMD-SHELL', 'x'], { startPeriod: 3600e9, startInterval: 5e8 }),
  ],
  ['HEALTHCHECK --interval=0 --retries=0 CMD x', health(['CMD-SHELL', 'x'])],
  ['HEALTHCHECK --interval=5s NONE', health(['NONE'])],
  ['HEALTHCHECK --interval=1.5s \\\n  CMD x', health(['CMD-SHELL', 'x'], { interval: 15e8 })],
]);

table('single arguments and lists', [
  ['EXPOSE 80', { kind: 'EXPOSE', ports: ['80'] }],
  ['EXPOSE 8080/udp 80 $PORT', { ports: ['$PORT', '80', '8080/udp'] }],
  ['USER node', { kind: 'USER', user: 'node' }],
  ['USER a b', { user: 'a b' }],
  ['WORKDIR /a b', { kind: 'WORKDIR', path: '/a b' }],
  ['WORKDIR $HOME/x', { path: '$HOME/x' }],
  ['STOPSIGNAL SIGTERM', { kind: 'STOPSIGNAL', signal: 'SIGTERM' }],
  ['MAINTAINER Ann <a@b>', { kind: 'MAINTAINER', author: 'Ann <a@b>' }],
  ['VOLUME /a /b', { kind: 'VOLUME', paths: ['/a', '/b'] }],
  ['VOLUME ["/a b", " /c "]', { paths: ['/a b', '/c'] }],
  ['VOLUME [/a]', { paths: ['[/a]'] }],
]);

table('ONBUILD', [
  ['ONBUILD RUN make', { kind: 'ONBUILD', trigger: 'RUN make' }],
  ['onbuild  copy  a  b ', { trigger: 'copy  a  b' }],
  ['ONBUILD COPY --from=x a b', { trigger: 'COPY --from=x a b' }],
  ['ONBUILD RUN a \\\n  b', { trigger: 'RUN a   b' }],
  ['ONBUILD RUN <<E\nx\nE', { trigger: 'RUN <<E\nx\nE' }],
  ['ONBUILD COPY <<A <<-"B" /d\n1\nA\n\t2\n\tB', { trigger: 'COPY <<A <<-"B" /d\n1\nA\n\t2\nB' }],
]);
