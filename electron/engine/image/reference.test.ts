import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../base/errors.ts';
import {
  familiarReference,
  formatReference,
  normalizeReference,
  normalizeTag,
  parseReference,
} from './reference.ts';

const HEX = '0123456789abcdef'.repeat(4);
const DIGEST = `sha256:${HEX}`;
const LONG_NAME = 'a'.repeat(255);

/** Written, in full, short. */
const GOOD: readonly (readonly [string, string, string])[] = [
  ['app', 'docker.io/library/app:latest', 'app:latest'],
  ['app:1.0', 'docker.io/library/app:1.0', 'app:1.0'],
  ['library/app', 'docker.io/library/app:latest', 'app:latest'],
  ['docker.io/app', 'docker.io/library/app:latest', 'app:latest'],
  ['docker.io/library/app', 'docker.io/library/app:latest', 'app:latest'],
  ['index.docker.io/app', 'docker.io/library/app:latest', 'app:latest'],
  ['index.docker.io/library/app:x', 'docker.io/library/app:x', 'app:x'],
  ['team/app', 'docker.io/team/app:latest', 'team/app:latest'],
  ['docker.io/team/app:2', 'docker.io/team/app:2', 'team/app:2'],
  ['a/b/c', 'docker.io/a/b/c:latest', 'a/b/c:latest'],
  ['library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
  ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest', 'localhost:5000/app:latest'],
  ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
  ['localhost', 'docker.io/library/localhost:latest', 'localhost:latest'],
  ['ghcr.io/team/app', 'ghcr.io/team/app:latest', 'ghcr.io/team/app:latest'],
  ['ghcr.io/app:v1', 'ghcr.io/app:v1', 'ghcr.io/app:v1'],
  ['registry:5000/app', 'registry:5000/app:latest', 'registry:5000/app:latest'],
  ['registry:5000/a/b:t', 'registry:5000/a/b:t', 'registry:5000/a/b:t'],
  ['REGISTRY/app', 'REGISTRY/app:latest', 'REGISTRY/app:latest'],
  ['Example.com/app', 'Example.com/app:latest', 'Example.com/app:latest'],
  ['127.0.0.1/app', '127.0.0.1/app:latest', '127.0.0.1/app:latest'],
  ['127.0.0.1:80/app', '127.0.0.1:80/app:latest', '127.0.0.1:80/app:latest'],
  ['[::1]/app', '[::1]/app:latest', '[::1]/app:latest'],
  ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000/app:latest'],
  ['[2001:db8::1]:5000/a/b:t', '[2001:db8::1]:5000/a/b:t', '[2001:db8::1]:5000/a/b:t'],
  ['xn--7o8h.com/app', 'xn--7o8h.com/app:latest', 'xn--7o8h.com/app:latest'],
  ['a', 'docker.io/library/a:latest', 'a:latest'],
  ['0', 'docker.io/library/0:latest', '0:latest'],
  ['a.b', 'docker.io/library/a.b:latest', 'a.b:latest'],
  ['a_b', 'docker.io/library/a_b:latest', 'a_b:latest'],
  ['a__b', 'docker.io/library/a__b:latest', 'a__b:latest'],
  ['a-b', 'docker.io/library/a-b:latest', 'a-b:latest'],
  ['a---b', 'docker.io/library/a---b:latest', 'a---b:latest'],
  ['a.b/c', 'a.b/c:latest', 'a.b/c:latest'],
  ['app:Tag', 'docker.io/library/app:Tag', 'app:Tag'],
  ['app:_t', 'docker.io/library/app:_t', 'app:_t'],
  ['app:1.2-rc_3', 'docker.io/library/app:1.2-rc_3', 'app:1.2-rc_3'],
  [`app:${'t'.repeat(128)}`, `docker.io/library/app:${'t'.repeat(128)}`, `app:${'t'.repeat(128)}`],
  [`app@${DIGEST}`, `docker.io/library/app@${DIGEST}`, `app@${DIGEST}`],
  [`app:1@${DIGEST}`, `docker.io/library/app@${DIGEST}`, `app@${DIGEST}`],
  [`ghcr.io/a/b:1@${DIGEST}`, `ghcr.io/a/b@${DIGEST}`, `ghcr.io/a/b@${DIGEST}`],
  [`x/${LONG_NAME.slice(2)}`, `docker.io/x/${LONG_NAME.slice(2)}:latest`, `x/${LONG_NAME.slice(2)}:latest`],
  ['docker.io/a.b/c', 'docker.io/a.b/c:latest', 'docker.io/a.b/c:latest'],
  ['docker.io/localhost/c', 'docker.io/localhost/c:latest', 'docker.io/localhost/c:latest'],
  [HEX.slice(1), `docker.io/library/${HEX.slice(1)}:latest`, `${HEX.slice(1)}:latest`],
];

/** Written, and a part of the sentence. */
const BAD: readonly (readonly [string, string])[] = [
  ['', 'is empty'],
  ['App', 'upper-case letter "A"'],
  ['A:B', 'upper-case letter "A"'],
  ['team/App:1', 'upper-case letter "A"'],
  ['ghcr.io/Team/app', 'upper-case letter "T"'],
  ['app:', 'tag of image reference "app:" is empty'],
  ['app:a$b', 'has the character "$"'],
  ['app:a b', 'has the character " "'],
  ['app:a/b', 'port that is not a number'],
  ['app:a:b', 'has the character ":"'],
  ['app:.a', 'must begin with a letter, a digit or "_"'],
  ['app:-a', 'must begin with a letter, a digit or "_"'],
  [`app:${'t'.repeat(129)}`, 'longer than 128'],
  ['a'.repeat(2000), 'longer than 1024'],
  [`x/${LONG_NAME}`, 'longer than 255'],
  [LONG_NAME, 'longer than 255'],
  [`${'a'.repeat(256)}.example/app`, 'longer than 255'],
  [HEX, '64 hex digits'],
  ['-rf', 'must begin and end with a letter or digit'],
  ['--all', 'must begin and end with a letter or digit'],
  ['.', 'must begin and end with a letter or digit'],
  ['..', 'must begin and end with a letter or digit'],
  ['.app', 'must begin and end with a letter or digit'],
  ['app.', 'must begin and end with a letter or digit'],
  ['app-', 'must begin and end with a letter or digit'],
  ['_app', 'must begin and end with a letter or digit'],
  ['a/../../b', 'must begin and end with a letter or digit'],
  ['../app', 'not a host name'],
  ['./app', 'not a host name'],
  ['/app', 'empty part'],
  ['app/', 'empty part'],
  ['a//b', 'empty part'],
  ['a..b', '".."'],
  ['a._b', '"._"'],
  ['a.-b', '".-"'],
  ['a-.b', '"-."'],
  ['a_-b', '"_-"'],
  ['a___b', '"___"'],
  ['a b', 'has the character " "'],
  ['a\tb', 'has the character "\\t"'],
  ['a\0b', 'has the character "\\x00"'],
  ['a\nb', 'has the character "\\n"'],
  ['a\u202eb', 'has the character "\\u202e"'],
  ['é', 'has the character "é"'],
  ['😀', 'has the character "😀"'],
  ['a%2fb', 'has the character "%"'],
  ['a\\b', 'has the character "\\\\"'],
  ['https://ghcr.io/app', 'is a URL'],
  ['ghcr.io:/app', 'port that is not a number'],
  ['ghcr.io:x/app', 'port that is not a number'],
  ['ghcr.io:123456/app', 'port that is not a number'],
  ['a:5000:6000/app', 'port that is not a number'],
  ['-a.io/app', 'not a host name'],
  ['a-.io/app', 'not a host name'],
  ['a..io/app', 'not a host name'],
  ['.io/app', 'not a host name'],
  ['a_b.io/app', 'not a host name'],
  ['[::1/app', 'port that is not a number'],
  ['[]/app.x', 'has the character "["'],
  ['[:g]/app', 'not a host name'],
  ['[::1]x/app', 'not a host name'],
  ['user@host.io/app', 'is not "sha256:"'],
  ['ghcr.io/', 'is empty'],
  ['localhost/', 'is empty'],
  ['docker.io/', 'is empty'],
  [':tag', 'is empty'],
  [`@${DIGEST}`, 'is empty'],
  ['app@', 'is not "sha256:"'],
  ['app@sha256:short', 'is not "sha256:"'],
  [`app@sha512:${HEX}${HEX}`, 'is not "sha256:"'],
  [`app@${DIGEST.toUpperCase()}`, 'is not "sha256:"'],
  [`app@${DIGEST}a`, 'is not "sha256:"'],
  [`app@${DIGEST}@${DIGEST}`, 'is not "sha256:"'],
  ['app@sha256:../../../etc/passwd', 'is not "sha256:"'],
];

describe('references', () => {
  test.each(GOOD)('%s', (written, full, familiar) => {
    expect(normalizeReference(written)).toBe(full);
    expect(familiarReference(full)).toBe(familiar);
    expect(normalizeReference(familiar)).toBe(full);
  });

  test.each(BAD)('refuses %j', (written, part) => {
    const failure = errorOf(() => normalizeReference(written));
    expect(failure.code).toBe('REFERENCE_INVALID');
    expect(failure.message).toContain(part);
    expect(failure.message.length).toBeLessThan(400);
    expect(failure.message).toMatch(/^[^\n\0\u202e]+\.$/);
  });

  test('parts', () => {
    expect(parseReference('ghcr.io:443/a/b:t')).toEqual({ domain: 'ghcr.io:443', path: 'a/b', tag: 't' });
    expect(parseReference(`app:t@${DIGEST}`)).toEqual({
      domain: 'docker.io',
      path: 'library/app',
      tag: 't',
      digest: DIGEST,
    });
    expect(formatReference(parseReference(`app:t@${DIGEST}`))).toBe(`docker.io/library/app:t@${DIGEST}`);
  });

  test('a new tag has no digest', () => {
    expect(normalizeTag('app')).toBe('docker.io/library/app:latest');
    expect(errorOf(() => normalizeTag(`app@${DIGEST}`)).message).toContain('has a digest');
  });

  test('what is accepted reads the same again, short and in full; nothing else is thrown', () => {
    const piece = fc.constantFrom(
      'a',
      'b1',
      'A',
      '.',
      '_',
      '-',
      '/',
      ':',
      '@',
      'docker.io',
      'library',
      'localhost',
      '5',
      DIGEST,
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
        ),
        (text) => {
          let full: string;
          try {
            full = normalizeReference(text);
          } catch (error) {
            expect(error).toBeInstanceOf(EngineError);
            return;
          }
          expect(normalizeReference(full)).toBe(full);
          expect(normalizeReference(familiarReference(full))).toBe(full);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

function errorOf(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    return error as EngineError;
  }
  throw new Error('It did not fail.');
}
