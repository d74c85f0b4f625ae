import { readdirSync, type Dirent } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGE_HEADERS } from './page-headers.ts';

/** An answer to a request for a file of the page. */
export interface PageAnswer {
  readonly status: 200 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answers for a URL's path, e.g. `/assets/index-B2c.js`; `/` is the page itself. */
export type PageFiles = (urlPath: string) => Promise<PageAnswer>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * The built page in `folder`, as a fixed list read once: a request is looked up in it as it stands, so no path can lead
 * anywhere else. Files with hashed names may be kept by the browser, the page itself never. Fails, as fs does, where the
 * folder is not there.
 */
export function readPageFiles(folder: string): PageFiles {
  const files = new Map(
    listFiles(folder).map((path) => [`/${relative(folder, path).split(sep).join('/')}`, path]),
  );
  return async (urlPath) => {
    const name = urlPath === '/' ? '/index.html' : urlPath;
    const path = files.get(name);
    const type = TYPES[extname(name)];
    if (path === undefined || type === undefined) {
      const headers = {
        ...PAGE_HEADERS,
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
      };
      return { status: 404, headers, body: Buffer.from('There is nothing here.\n') };
    }
    const caching = name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store';
    return {
      status: 200,
      headers: { ...PAGE_HEADERS, 'content-type': type, 'cache-control': caching },
      body: await readFile(path),
    };
  };
}

/** Where the built page lies: `out/renderer`, seen from this file in a checkout or from a bundle in `out/main`. */
export function builtPageFolder(): string {
  const there = import.meta.url.endsWith('.ts') ? '../../out/renderer' : '../renderer';
  return fileURLToPath(new URL(there, import.meta.url));
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry: Dirent) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listFiles(path);
    return entry.isFile() ? [path] : [];
  });
}
