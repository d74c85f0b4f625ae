import { describe, expect, test } from 'vitest';
import { parseDockerfile } from '../../../electron/engine/dockerfile/parse.ts';
import { instructionsOf, parseOne, rangesOf } from './outline.ts';

const sources = (text: string) => instructionsOf(parseDockerfile(text, 'Dockerfile')).map((i) => i.source);

describe('lines: what is one instruction', () => {
  test.each<[name: string, text: string, expected: readonly string[]]>([
    ['one line', 'FROM a', ['FROM a']],
    ['blank lines', '\n\nFROM a\n\n\nRUN b\n\n', ['FROM a', 'RUN b']],
    ['indented', '  FROM a\n\t RUN b', ['FROM a', 'RUN b']],
    ['CRLF', 'FROM a\r\nRUN b\r\n', ['FROM a', 'RUN b']],
    ['CRLF and continuation', 'FROM a\r\nRUN b \\\r\n c\r\n', ['FROM a', 'RUN b  c']],
    ['byte order mark', '\ufeffFROM a', ['FROM a']],
    ['continuation joins with nothing', 'FROM a\nRUN foo\\\nbar', ['FROM a', 'RUN foobar']],
    ['continuation keeps indentation', 'FROM a\nRUN foo \\\n  bar', ['FROM a', 'RUN foo   bar']],
    ['blanks behind the escape', 'FROM a\nRUN foo \\ \t\nbar', ['FROM a', 'RUN foo bar']],
    ['escape alone on a line', 'FROM a\nRUN foo\\\n\\\nbar', ['FROM a', 'RUN foobar']],
    ['instruction after an escape alone', '\\\nFROM a', ['FROM a']],
    ['keyword split by a continuation', 'FR\\\nOM a', ['FROM a']],
    ['escaped escape ends the line', 'FROM a\nRUN foo\\\\\nRUN bar', ['FROM a', 'RUN foo\\\\', 'RUN bar']],
    [
      'three escapes end the line too',
      'FROM a\nRUN foo\\\\\\\nRUN bar',
      ['FROM a', 'RUN foo\\\\\\', 'RUN bar'],
    ],
    ['escape inside the line', 'FROM a\nRUN a\\ b', ['FROM a', 'RUN a\\ b']],
    ['continuation at the end of the file', 'FROM a\nRUN foo \\', ['FROM a', 'RUN foo ']],
    ['comment in a continuation', 'FROM a\nRUN foo \\\n# c\nbar', ['FROM a', 'RUN foo bar']],
    ['indented comment in a continuation', 'FROM a\nRUN foo \\\n   # c \\\n bar', ['FROM a', 'RUN foo  bar']],
    ['comment with an escape does not go on', 'FROM a\n# c \\\nRUN b', ['FROM a', 'RUN b']],
    ['blank line in a continuation', 'FROM a\nRUN foo \\\n\n bar', ['FROM a', 'RUN foo  bar']],
    ['escape=`', '# escape=`\nFROM a\nRUN foo `\nbar\\\nRUN c', ['FROM a', 'RUN foo bar\\', 'RUN c']],
    ['carriage return inside a line is a blank', 'FROM a\nUSER\rb', ['FROM a', 'USER\rb']],
    ['no newline at the end', 'FROM a\nRUN b', ['FROM a', 'RUN b']],
    ['# inside a line', 'FROM a\nRUN b # c', ['FROM a', 'RUN b # c']],
  ])('%s', (_, text, expected) => {
    expect(sources(text)).toEqual(expected);
  });

  test('a line of 65,535 bytes is read', () => {
    const line = `RUN ${'x'.repeat(65_535 - 4)}`;
    expect(sources(`FROM a\n${line}\n`)[1]).toBe(line);
  });

  test('bytes that are not UTF-8 survive', () => {
    const bytes = Buffer.concat([
      Buffer.from('FROM a\n# caf'),
      Buffer.from([0xe9]),
      Buffer.from('\nCOPY \xe9 /x', 'latin1'),
    ]);
    expect(parseDockerfile(bytes, 'Dockerfile').stages[0]!.instructions[0]).toMatchObject({
      sources: ['\udce9'],
    });
  });
});

describe('lines: ranges', () => {
  test.each<[name: string, text: string, expected: readonly string[]]>([
    ['lines', 'FROM a\nRUN bb\n', ['1:1-1:7 FROM', '2:1-2:7 RUN']],
    ['leading blanks are outside', '  FROM a', ['1:3-1:9 FROM']],
    ['trailing blanks are inside', 'FROM a  ', ['1:1-1:9 FROM']],
    ['carriage returns are outside', 'FROM a\r\nRUN b\r\n', ['1:1-1:7 FROM', '2:1-2:6 RUN']],
    ['byte order mark has no column', '\ufeffFROM a', ['1:1-1:7 FROM']],
    [
      'continuations',
      'FROM a\nRUN b \\\n  c \\\n  d\nUSER e',
      ['1:1-1:7 FROM', '2:1-4:4 RUN', '5:1-5:7 USER'],
    ],
    ['comments inside', 'FROM a\nRUN b \\\n# c\nd', ['1:1-1:7 FROM', '2:1-4:2 RUN']],
    ['comments above are outside', '# c\n# d\nFROM a', ['3:1-3:7 FROM']],
    ['dangling continuation', 'FROM a\nRUN b \\\n# c', ['1:1-1:7 FROM', '2:1-3:4 RUN']],
    ['heredoc', 'FROM a\nRUN <<E\nx\nE\nUSER b', ['1:1-1:7 FROM', '2:1-4:2 RUN', '5:1-5:7 USER']],
    ['two heredocs', 'FROM a\nCOPY <<A <<BB /x\n1\nA\n2\nBB', ['1:1-1:7 FROM', '2:1-6:3 COPY']],
    ['heredoc after a continuation', 'FROM a\nRUN cat \\\n<<E\nx\nE', ['1:1-1:7 FROM', '2:1-5:2 RUN']],
    ['global arguments', 'ARG a=1\n\nFROM b', ['1:1-1:8 ARG', '3:1-3:7 FROM']],
    ['wide characters count as UTF-16', 'FROM a\nRUN 😀', ['1:1-1:7 FROM', '2:1-2:7 RUN']],
  ])('%s', (_, text, expected) => {
    expect(rangesOf(text)).toEqual(expected);
  });
});

describe('lines: comments above an instruction', () => {
  test.each<[name: string, text: string, expected: readonly string[]]>([
    ['one', '# about a\nFROM a', ['about a']],
    ['several', '# one\n#two\n  #  three  \nFROM a', ['one', 'two', 'three']],
    ['a blank line between', '# one\n\nFROM a', []],
    ['an empty comment starts over', '# one\n#\n# two\nFROM a', ['two']],
    ['directives are none', '# syntax=x\n# one\nFROM a', ['one']],
  ])('%s', (_, text, expected) => {
    expect(parseDockerfile(text, 'Dockerfile').stages[0]!.from.comments).toEqual(expected);
  });
});

describe('lines: warnings', () => {
  test('a blank line in a continuation is reported where it stands, once', () => {
    const { warnings } = parseDockerfile('FROM a\nRUN b \\\n\n  \\\n \n c\n', 'Dockerfile');
    expect(warnings).toEqual([
      {
        code: 'NoEmptyContinuation',
        message: expect.stringMatching(/\.$/) as string,
        range: { startLine: 3, startColumn: 1, endLine: 3, endColumn: 1 },
      },
    ]);
  });

  test('comments there are not', () => {
    expect(parseDockerfile('FROM a\nRUN b \\\n# c\n d\n', 'Dockerfile').warnings).toEqual([]);
  });
});

describe('directives', () => {
  test.each<[text: string, expected: Record<string, string>]>([
    ['# syntax=docker/dockerfile:1\nFROM a', { syntax: 'docker/dockerfile:1', escape: '\\' }],
    ['#syntax=a\nFROM a', { syntax: 'a' }],
    ['  #  SYNTAX  =  a b  \nFROM a', { syntax: 'a b' }],
    ['# escape=`\nFROM a', { escape: '`' }],
    ['# escape=\\\nFROM a', { escape: '\\' }],
    ['# check=skip=all\nFROM a', { check: 'skip=all' }],
    ['# check=skip=A,B;error=true\nFROM a', { check: 'skip=A,B;error=true' }],
    [
      '# escape=`\n# syntax=a\n# check=error=false\nFROM a',
      { escape: '`', syntax: 'a', check: 'error=false' },
    ],
    ['\ufeff# escape=`\nFROM a', { escape: '`' }],
    ['# escape=`\r\nFROM a', { escape: '`' }],
  ])('%j', (text, expected) => {
    expect(parseDockerfile(text, 'Dockerfile').directives).toMatchObject(expected);
  });

  test.each([
    ['after a blank line', '\n# escape=`\nFROM a'],
    ['after a comment', '# hello\n# escape=`\nFROM a'],
    ['after an unknown directive', '# unknown=x\n# escape=`\nFROM a'],
    ['after an instruction', 'FROM a\n# escape=`'],
    ['without a value', '# escape=\n# escape=`\nFROM a'],
  ])('%s they are comments', (_, text) => {
    const { directives } = parseDockerfile(text, 'Dockerfile');
    expect(directives).toEqual({ escape: '\\' });
  });
});

describe('stages', () => {
  test.each<[text: string, expected: readonly Record<string, unknown>[]]>([
    ['FROM a', [{ index: 0, from: { image: 'a' } }]],
    ['FROM a AS b', [{ name: 'b', from: { stageName: 'b' } }]],
    ['from a as B-1.x_y', [{ name: 'b-1.x_y' }]],
    ['FROM --platform=linux/arm64 a', [{ from: { platform: 'linux/arm64' } }]],
    ['FROM --platform=$BUILDPLATFORM a AS b', [{ name: 'b', from: { platform: '$BUILDPLATFORM' } }]],
    ['FROM a:${TAG:-1}', [{ from: { image: 'a:${TAG:-1}' } }]],
    [
      'FROM a\nUSER x\nFROM b\nUSER y',
      [{ instructions: [{ user: 'x' }] }, { index: 1, instructions: [{ user: 'y' }] }],
    ],
    ['FROM a AS x\nFROM b AS x', [{ name: 'x' }, { name: 'x' }]],
  ])('%j', (text, expected) => {
    expect(parseDockerfile(text, 'Dockerfile').stages).toMatchObject(expected);
  });

  test('arguments before the first FROM are global', () => {
    const { globalArgs, stages } = parseDockerfile('ARG a=1\nARG b\nFROM c\nARG d', 'Dockerfile');
    expect(globalArgs.map((arg) => arg.args[0]!.name)).toEqual(['a', 'b']);
    expect(stages[0]!.instructions).toMatchObject([{ kind: 'ARG', args: [{ name: 'd' }] }]);
  });
});

describe('heredocs', () => {
  const doc = (name: string, content: string, rest: Record<string, unknown> = {}) => {
    return { name, content, expand: true, chomp: false, fileDescriptor: 0, ...rest };
  };

  test.each<[text: string, expected: readonly Record<string, unknown>[]]>([
    ['RUN <<EOF\necho a\nEOF', [doc('EOF', 'echo a\n')]],
    ['RUN <<EOF\nEOF', [doc('EOF', '')]],
    ['RUN <<EOF\n# kept\n\n\\\nEOF \nEOF', [doc('EOF', '# kept\n\n\\\nEOF \n')]],
    ['RUN <<EOF\r\na\r\nEOF\r\n', [doc('EOF', 'a\r\n')]],
    ["RUN <<'EOF'\n$x\nEOF", [doc('EOF', '$x\n', { expand: false })]],
    ['RUN <<"EOF"\nEOF', [doc('EOF', '', { expand: false })]],
    ["RUN <<E'O'F\nEOF", [doc('EOF', '', { expand: false })]],
    ["RUN <<E\\'F\nE'F", [doc("E'F", '')]],
    ['RUN <<"a b"\nx\na b', [doc('a b', 'x\n', { expand: false })]],
    ['RUN <<-EOF\n\ta\n\tEOF', [doc('EOF', '\ta\n', { chomp: true })]],
    ['RUN <<-EOF\n\ta\n EOF\nEOF', [doc('EOF', '\ta\n EOF\n', { chomp: true })]],
    ['RUN <<EOF\n\tEOF\nEOF', [doc('EOF', '\tEOF\n')]],
    ['RUN 3<<EOF\nEOF', [doc('EOF', '', { fileDescriptor: 3 })]],
    ['RUN << EOF\nEOF', [doc('EOF', '')]],
    ['RUN <<- EOF\n\tEOF', [doc('EOF', '', { chomp: true })]],
    ['RUN cat <<A <<B\n1\nA\n2\nB', [doc('A', '1\n'), doc('B', '2\n')]],
    ['RUN cat <<A <<B\nB\nA\nA\nB', [doc('A', 'B\n'), doc('B', 'A\n')]],
    ['RUN <<EOF python3\nprint()\nEOF', [doc('EOF', 'print()\n')]],
    ['RUN cat <<EOF > /x\na\nEOF', [doc('EOF', 'a\n')]],
    ['RUN --mount=type=ssh <<EOF\nEOF', [doc('EOF', '')]],
    ['RUN <<$X\n$X', [doc('$X', '')]],
    ['RUN cat \\\n <<EOF\nx\nEOF', [doc('EOF', 'x\n')]],
    ['RUN echo "<<EOF"', []],
    ["RUN echo '<<EOF'", []],
    ['RUN echo \\<<EOF', []],
    ['RUN cat<<EOF', []],
    ['RUN cat <<<EOF', []],
    ['RUN echo $((1<<2))', []],
    ['RUN cat <<', []],
    ['RUN cat <<""', []],
    ["RUN echo it's <<EOF", []],
    ['RUN ["<<EOF"]', []],
  ])('%j', (text, expected) => {
    expect(parseOne(text)).toMatchObject({ heredocs: expected });
  });

  test('the opening word stays in the text of RUN', () => {
    expect(parseOne('RUN cat <<EOF > /x\na\nEOF')).toMatchObject({
      command: { form: 'shell', text: 'cat <<EOF > /x' },
    });
  });

  test.each<[text: string, expected: Record<string, unknown>]>([
    ['COPY <<EOF /x\na\nEOF', { sources: [], heredocs: [doc('EOF', 'a\n')], destination: '/x' }],
    ['COPY a <<EOF b /x/\nEOF', { sources: ['a', 'b'], heredocs: [doc('EOF', '')], destination: '/x/' }],
    ['COPY << EOF /x\nEOF', { sources: [], heredocs: [doc('EOF', '')], destination: '/x' }],
    [
      'COPY <<"a b" /x\na b',
      { sources: [], heredocs: [doc('a b', '', { expand: false })], destination: '/x' },
    ],
    ['ADD <<EOF /x\na\nEOF', { kind: 'ADD', heredocs: [doc('EOF', 'a\n')], destination: '/x' }],
    ['COPY ["<<EOF", "/x"]', { sources: ['<<EOF'], heredocs: [], destination: '/x' }],
  ])('%j', (text, expected) => {
    expect(parseOne(text)).toMatchObject(expected);
  });

  test.each(['USER <<EOF', 'ENV a=<<EOF', 'CMD cat <<EOF', 'WORKDIR <<EOF'])('%j has none', (text) => {
    expect(parseOne(text)).not.toHaveProperty('heredocs');
  });
});
