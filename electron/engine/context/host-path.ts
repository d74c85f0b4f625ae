import { fsPath } from '../base/byte-path.ts';

/** Where a path of the context (relative, `''` for the root, a `/` at the end does no harm) lies on the host, as Node's fs wants it. */
export function hostPath(root: string, path: string): string | Buffer {
  return fsPath(hostName(root, path));
}

/** The same as text. */
export function hostName(root: string, path: string): string {
  if (path === '') return root;
  return root.endsWith('/') ? root + path : `${root}/${path}`;
}
