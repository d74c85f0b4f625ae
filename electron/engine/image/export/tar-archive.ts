import { pack as createPack, type Pack } from 'tar-stream';

/** A regular file of an archive. */
export interface ArchiveMember {
  readonly name: string;
  readonly size: number;
  readonly content: () => AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
const EPOCH = new Date(0);

/** A member made of text. */
export function textMember(name: string, text: string): ArchiveMember {
  const bytes = Buffer.from(text);
  return {
    name,
    size: bytes.length,
    async *content() {
      yield bytes;
    },
  };
}

/** Bytes of the archive that {@link archive} makes of these. */
export function archiveSize(directories: readonly string[], members: readonly ArchiveMember[]): number {
  const bodies = members.reduce((sum, { size }) => sum + BLOCK + Math.ceil(size / BLOCK) * BLOCK, 0);
  return bodies + directories.length * BLOCK + 2 * BLOCK;
}

/**
 * A tar of directories and files, with no times or owners in it: equal members give equal bytes. Streams; a member that
 * fails, or whose content is not of its stated size, fails the whole.
 */
export async function* archive(
  directories: readonly string[],
  members: readonly ArchiveMember[],
): AsyncIterable<Uint8Array> {
  const pack = createPack();
  const failed = fill(pack, directories, members).catch(
    (error: unknown) => void pack.destroy(error as Error),
  );
  try {
    for await (const chunk of pack) yield chunk as Uint8Array;
  } finally {
    pack.destroy();
    await failed;
  }
}

async function fill(
  pack: Pack,
  directories: readonly string[],
  members: readonly ArchiveMember[],
): Promise<void> {
  for (const name of directories)
    pack.entry({ name: `${name}/`, type: 'directory', mode: 0o755, mtime: EPOCH });
  for (const member of members) {
    await new Promise<void>((resolve, reject) => {
      const header = { name: member.name, size: member.size, mode: 0o644, mtime: EPOCH };
      const sink = pack.entry(header, (error) => (error ? reject(error) : resolve()));
      // The callback gets the error too; without a listener Node would take it for one that nobody handles.
      sink.on('error', reject);
      pour(member.content(), sink).catch(reject);
    });
  }
  pack.finalize();
}

async function pour(content: AsyncIterable<Uint8Array>, sink: ReturnType<Pack['entry']>): Promise<void> {
  let wake = (): void => undefined;
  sink.on('drain', () => wake()).on('close', () => wake());
  for await (const chunk of content) {
    if (sink.destroying) return;
    if (!sink.write(chunk)) await new Promise<void>((resolve) => (wake = resolve));
  }
  sink.end(null);
}
