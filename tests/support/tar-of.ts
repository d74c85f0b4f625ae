import { once } from 'node:events';
import { pack } from 'tar-stream';

/** A tar with one file. */
export async function tarOf(name: string, data: Buffer): Promise<Buffer> {
  const archive = pack();
  const chunks: Buffer[] = [];
  archive.on('data', (chunk) => chunks.push(chunk as Buffer));
  archive.entry({ name, mtime: new Date(0) }, data);
  archive.finalize();
  await once(archive, 'end');
  return Buffer.concat(chunks);
}
