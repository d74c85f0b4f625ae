import { resolve } from 'node:path';
import { isDigest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import { contextKey, type LayoutImage, type NamedContext } from '../graph/named-context.ts';
import { normalizeReference } from '../image/reference.ts';

/**
 * Reads `NAME=docker-image://REF`, `NAME=oci-layout://PATH[:TAG|@DIGEST]` or `NAME=FOLDER`; paths are relative to `cwd`.
 * Fails with BUILD_CONTEXT_INVALID, REFERENCE_INVALID, or CONTEXT_UNSUPPORTED for what this version cannot read.
 */
export function parseBuildContext(text: string, cwd: string): readonly [name: string, context: NamedContext] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at));
  const value = text.slice(at + 1);
  if (name === '' || value === '') {
    throw new EngineError(
      'BUILD_CONTEXT_INVALID',
      `Build context ${quoteForMessage(text)} is not NAME=VALUE.`,
      {
        hint: 'Write for example --build-context shared=../shared or --build-context base=docker-image://alpine:3.',
      },
    );
  }
  contextKey(name);
  return [name, parseValue(value, cwd)];
}

function parseValue(value: string, cwd: string): NamedContext {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(?:\/\/)?(.*)$/s.exec(value) ?? [];
  if (scheme === 'docker-image') {
    return { kind: 'image', reference: rest === 'scratch' ? rest : normalizeReference(rest) };
  }
  if (scheme === 'oci-layout') return parseLayout(rest, cwd);
  const isUrl = /^(https?|git|ssh|target|input):/.test(value) || /^git@|^github\.com\//.test(value);
  if (!isUrl) return { kind: 'directory', path: resolve(cwd, value) };
  const shown = quoteForMessage(value.replace(/\/\/[^@/]*@/, '//'));
  throw new EngineError(
    'CONTEXT_UNSUPPORTED',
    `A build context from ${shown} is not supported by this version.`,
    {
      hint: 'Give a folder, docker-image://NAME or oci-layout://PATH.',
    },
  );
}

function parseLayout(text: string, cwd: string): LayoutImage {
  const [, path = '', digest, tag] = /^(.*?)(?:@(sha256:[^/]*)|:([\w][\w.-]{0,127}))?$/s.exec(text) ?? [];
  if (path === '' || path.includes('@sha') || (digest !== undefined && !isDigest(digest))) {
    throw new EngineError(
      'BUILD_CONTEXT_INVALID',
      `${quoteForMessage(`oci-layout://${text}`)} is not oci-layout://PATH[:TAG|@DIGEST].`,
      { hint: 'A digest is sha256: and 64 hex digits.' },
    );
  }
  return {
    kind: 'layout',
    path: resolve(cwd, path),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
