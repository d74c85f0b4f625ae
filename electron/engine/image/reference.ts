import { EngineError } from '../base/errors.ts';
import { isDigest, type Digest } from '../base/digest.ts';
import { quoteForMessage } from '../base/go-quote.ts';

/**
 * Image references by the grammar of github.com/distribution/reference, with Docker's short forms: `app` stands for
 * `docker.io/library/app:latest`. Every check looks at each character once.
 */
export interface Reference {
  /** Registry host with its port: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly domain: string;
  /** Repository in that registry, lower-case: `library/app`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const DEFAULT_DOMAIN = 'docker.io';
const LEGACY_DEFAULT_DOMAIN = 'index.docker.io';
const OFFICIAL_PREFIX = 'library/';
const DEFAULT_TAG = 'latest';
const MAX_TEXT = 1024;
const MAX_NAME = 255;
const MAX_TAG = 128;

/**
 * Reads a reference in short or full form; the registry and `library/` are filled in, the tag is not.
 * Fails with REFERENCE_INVALID and a sentence that says what is wrong and where.
 */
export function parseReference(text: string): Reference {
  if (text === '') throw invalid('An image reference is empty.', 'Write a name such as app:1.0.');
  if (text.length > MAX_TEXT) {
    throw invalid(`Image reference ${quoteForMessage(text)} is longer than ${MAX_TEXT} characters.`);
  }
  if (/^[0-9a-f]{64}$/.test(text)) {
    throw invalid(
      `Image reference ${quoteForMessage(text)} is 64 hex digits, which is how an image ID is written.`,
      'Give the image a name that is not an ID.',
    );
  }
  if (/^[a-z]+:\/\//i.test(text)) {
    throw invalid(
      `Image reference ${quoteForMessage(text)} is a URL.`,
      'Leave out what stands before the host name.',
    );
  }
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : checkDigest(text, text.slice(at + 1));
  const { domain, rest } = splitDomain(at < 0 ? text : text.slice(0, at));
  const colon = rest.indexOf(':');
  const written = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : checkTag(text, rest.slice(colon + 1));
  if (domain !== DEFAULT_DOMAIN) checkDomain(text, domain);
  checkPath(text, written);
  const path = domain === DEFAULT_DOMAIN && !written.includes('/') ? OFFICIAL_PREFIX + written : written;
  if (path.length > MAX_NAME) {
    throw invalid(`The repository name of ${quoteForMessage(text)} is longer than ${MAX_NAME} characters.`);
  }
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The reference in full, as written in index.json and the store: `domain/path[:tag][@digest]`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.domain}/${reference.path}${tag}${digest}`;
}

/**
 * What FROM and other readers look up: `app` → `docker.io/library/app:latest`. With a tag and a digest the digest alone
 * counts, as in Docker. Fails with REFERENCE_INVALID.
 */
export function normalizeReference(text: string): string {
  const { domain, path, tag, digest } = parseReference(text);
  return formatReference(
    digest === undefined ? { domain, path, tag: tag ?? DEFAULT_TAG } : { domain, path, digest },
  );
}

/** What `--tag` and `slipway tag` may give an image: as {@link normalizeReference}, but a digest is refused. */
export function normalizeTag(text: string): string {
  const { digest, ...reference } = parseReference(text);
  if (digest !== undefined) {
    throw invalid(
      `Image reference ${quoteForMessage(text)} has a digest, which a new tag cannot have.`,
      'Leave out the part from "@" on: the digest follows from what the image holds.',
    );
  }
  return formatReference({ ...reference, tag: reference.tag ?? DEFAULT_TAG });
}

/** The short form people know: `docker.io/library/app:latest` → `app:latest`. Reading it again gives the same reference. */
export function familiarReference(full: string): string {
  const reference = parseReference(full);
  if (reference.domain !== DEFAULT_DOMAIN) return formatReference(reference);
  const suffix = formatReference(reference).slice(DEFAULT_DOMAIN.length + 1 + reference.path.length);
  const official =
    reference.path.startsWith(OFFICIAL_PREFIX) && reference.path.indexOf('/', OFFICIAL_PREFIX.length) < 0;
  const short = official ? reference.path.slice(OFFICIAL_PREFIX.length) : reference.path;
  const again = splitDomain(short);
  return again.domain === DEFAULT_DOMAIN && again.rest === short
    ? short + suffix
    : formatReference(reference);
}

/** Docker's rule for what stands before the first slash: a registry has a dot, a colon or an upper-case letter, or is localhost. */
function splitDomain(name: string): { domain: string; rest: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isDomain = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  if (!isDomain) return { domain: DEFAULT_DOMAIN, rest: name };
  return { domain: first === LEGACY_DEFAULT_DOMAIN ? DEFAULT_DOMAIN : first, rest: name.slice(slash + 1) };
}

function checkDomain(text: string, domain: string): void {
  const where = `registry of image reference ${quoteForMessage(text)}`;
  if (domain.length > MAX_NAME) throw invalid(`The ${where} is longer than ${MAX_NAME} characters.`);
  const bracket = domain.startsWith('[') ? domain.indexOf(']') : -1;
  const colon = bracket < 0 ? domain.indexOf(':') : domain.indexOf(':', bracket);
  const host = colon < 0 ? domain : domain.slice(0, colon);
  if (colon >= 0 && !/^[0-9]{1,5}$/.test(domain.slice(colon + 1))) {
    throw invalid(`The ${where} has a port that is not a number.`, 'Write registry.example:5000/app.');
  }
  if (bracket >= 0 ? !/^\[[0-9A-Fa-f:]+\]$/.test(host) : !host.split('.').every(isHostLabel)) {
    throw invalid(`The ${where} is not a host name.`, 'A host name has letters, digits, "-" and ".".');
  }
}

function isHostLabel(label: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-');
}

function checkPath(text: string, path: string): void {
  const where = `image reference ${quoteForMessage(text)}`;
  if (path === '')
    throw invalid(`The repository name of ${where} is empty.`, 'Write a name such as app:1.0.');
  const upper = /[A-Z]/.exec(path);
  if (upper) {
    throw invalid(
      `The repository name of ${where} has the upper-case letter "${upper[0]}".`,
      `Write ${quoteForMessage(path.toLowerCase())}.`,
    );
  }
  const odd = /[^a-z0-9._\-/]/u.exec(path);
  if (odd) {
    throw invalid(
      `The repository name of ${where} has the character ${quoteForMessage(odd[0])}, which is not allowed.`,
      'Use lower-case letters, digits, ".", "_", "-" and "/".',
    );
  }
  for (const component of path.split('/')) {
    if (component === '') throw invalid(`The repository name of ${where} has an empty part beside a "/".`);
    if (!/^[a-z0-9]/.test(component) || !/[a-z0-9]$/.test(component)) {
      throw invalid(
        `The part ${quoteForMessage(component)} of ${where} must begin and end with a letter or digit.`,
        'Take the ".", "_" or "-" away.',
      );
    }
    const separators = /\.[._-]|-[._]|_[.-]|___/.exec(component);
    if (separators) {
      throw invalid(
        `The part ${quoteForMessage(component)} of ${where} has "${separators[0]}" between letters.`,
        'Between letters and digits one ".", one or two "_", or any number of "-" may stand.',
      );
    }
  }
}

function checkTag(text: string, tag: string): string {
  const where = `tag of image reference ${quoteForMessage(text)}`;
  if (tag === '') throw invalid(`The ${where} is empty.`, 'Leave the ":" away, or write a tag after it.');
  const odd = /[^A-Za-z0-9_.-]/u.exec(tag);
  if (odd) {
    throw invalid(
      `The ${where} has the character ${quoteForMessage(odd[0])}, which is not allowed.`,
      'A tag has letters, digits, "_", "." and "-".',
    );
  }
  if (!/^[A-Za-z0-9_]/.test(tag)) throw invalid(`The ${where} must begin with a letter, a digit or "_".`);
  if (tag.length > MAX_TAG) throw invalid(`The ${where} is longer than ${MAX_TAG} characters.`);
  return tag;
}

function checkDigest(text: string, digest: string): Digest {
  if (isDigest(digest)) return digest;
  throw invalid(
    `The digest of image reference ${quoteForMessage(text)} is not "sha256:" and 64 lower-case hex digits.`,
    'Copy the digest whole, or use a tag.',
  );
}

function invalid(message: string, hint?: string): EngineError {
  return new EngineError('REFERENCE_INVALID', message, { hint });
}
