import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

export interface BundleFile {
  readonly name: string;
  readonly data: string | Uint8Array;
  /** Permission bits; default 0644. */
  readonly mode?: number;
  /** Default 0, inside the sandbox. */
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * The small files that a sandbox is started with, as one tar: it goes through a pipe into a file system in memory that only
 * the sandbox sees, so that neither secrets nor the environment are ever written to a disk or shown in an argument list.
 */
export async function packBundle(files: readonly BundleFile[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, data, mode = 0o644, uid = 0, gid = 0 } of files) {
    tar.entry({ name, mode, uid, gid, mtime: new Date(0) }, Buffer.from(data));
  }
  tar.finalize();
  return buffer(tar);
}
