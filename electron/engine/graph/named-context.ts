import type { SourceRange } from '../../../shared/source-range.ts';
import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import type { Platform } from '../image/oci.ts';
import { formatPlatform, parsePlatform } from '../image/platform.ts';
import { familiarReference, normalizeReference } from '../image/reference.ts';
import type { CopyDefinition } from '../ops/definition.ts';
import type { ImageRequest } from './build-graph.ts';

/** What `--build-context NAME=…` puts in the place of a stage, of an image that FROM names, and of what is copied from. */
export type NamedContext =
  /** An image by its full reference, or `scratch`; never looked up among the named contexts again. */
  | { readonly kind: 'image'; readonly reference: string }
  | LayoutImage
  /** A folder, absolute. */
  | { readonly kind: 'directory'; readonly path: string };

/** An image of an OCI image layout on this machine. */
export interface LayoutImage {
  readonly kind: 'layout';
  /** Absolute. */
  readonly path: string;
  /** By tag or digest; without both it is `latest`, or the only one there is. */
  readonly tag?: string;
  readonly digest?: string;
}

/** Named contexts by what {@link contextKey} makes of their names. */
export type NamedContexts = ReadonlyMap<string, NamedContext>;

export interface FoundContext {
  readonly key: string;
  readonly context: NamedContext;
}

/** What stays what it is whatever is named so. */
const FIXED = ['scratch', 'context'];

/**
 * Under which key a context is found: `alpine`, `alpine:latest` and `docker.io/library/alpine` are one; `name::os/arch` is for
 * that platform alone. Fails with BUILD_CONTEXT_INVALID.
 */
export function contextKey(name: string): string {
  const at = name.indexOf('::');
  const own = at < 0 ? name : name.slice(0, at);
  if (FIXED.includes(own.toLowerCase())) {
    throw new EngineError('BUILD_CONTEXT_INVALID', `A build context cannot be named ${own}.`, {
      hint: 'That name always means the same in a Dockerfile. Use another one.',
    });
  }
  try {
    const reference = normalizeReference(own);
    return at < 0 ? reference : platformKey(reference, parsePlatform(name.slice(at + 2)));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const says = `${quoteForMessage(name)} cannot name a build context: ${error.message}`;
    throw new EngineError('BUILD_CONTEXT_INVALID', says, { hint: error.hint, cause: error });
  }
}

/** The context of that name, the one for the platform first; undefined where there is none. */
export function findContext(
  contexts: NamedContexts,
  name: string,
  platform: Platform,
): FoundContext | undefined {
  if (contexts.size === 0 || FIXED.includes(name.toLowerCase()) || /^\d+$/.test(name)) return undefined;
  let reference: string;
  try {
    reference = normalizeReference(name);
  } catch {
    return undefined;
  }
  for (const key of [platformKey(reference, platform), reference]) {
    const context = contexts.get(key);
    if (context) return { key, context };
  }
  return undefined;
}

/** How the image that a context stands for is asked for. Not for folders. */
export function contextImage(
  { key, context }: FoundContext,
  platform: Platform,
  range: SourceRange,
  platformIsExplicit = false,
): ImageRequest {
  const [name] = key.split('::') as [string];
  const where = { platform, platformIsExplicit, range };
  if (context.kind === 'layout') return { reference: name, layout: context, ...where };
  return { reference: context.kind === 'image' ? context.reference : name, ...where };
}

/** The context's name as people write it. */
export function contextName(key: string): string {
  const [reference, ...platform] = key.split('::') as [string, string?];
  return [familiarReference(reference).replace(/:latest$/, ''), ...platform].join('::');
}

/** What brings all of a folder into an empty file system, for a FROM that names it. */
export function folderCopy(key: string): CopyDefinition {
  return {
    op: 'copy',
    from: { kind: 'named', name: key },
    sources: ['.'],
    inline: [],
    destination: '/',
    link: false,
    parents: false,
    exclude: [],
  };
}

function platformKey(reference: string, platform: Platform): string {
  return `${reference}::${formatPlatform(platform)}`;
}
