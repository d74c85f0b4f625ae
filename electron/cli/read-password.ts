import { EngineError } from '../engine/base/errors.ts';

const LIMIT = 64 * 1024;

/** All of the stream as a password, without the line's end. Fails with PASSWORD_INVALID where it is empty or endless. */
export async function readPassword(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > LIMIT) break;
  }
  const password = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password !== '' && size <= LIMIT) return password;
  throw new EngineError('PASSWORD_INVALID', 'Standard input holds no password.', {
    hint: 'Write for example: slipway login -u NAME --password-stdin HOST < FILE',
  });
}
