import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { digestOf, type Digest } from '../../electron/engine/base/digest.ts';
import { tarOf } from './tar-of.ts';

/** A request as the registry saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** Answers instead of the registry where it returns true. */
export type Misbehave = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A registry in this process with one good image, `app:1`, of one layer; tests make it misbehave. */
export interface FakeRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly seen: readonly Seen[];
  readonly layer: { readonly digest: Digest; readonly bytes: Buffer };
  readonly manifest: Buffer;
  misbehave(how: Misbehave): void;
  close(): Promise<void>;
}

const TYPE = 'application/vnd.oci.image';

/** Starts the registry; `size` is about how many bytes its layer has. */
export async function startFakeRegistry(size = 300_000): Promise<FakeRegistry> {
  const tar = await tarOf('data', noise(size));
  const layer = gzipSync(tar, { level: 1 });
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    }),
  );
  const named = (mediaType: string, bytes: Buffer): object => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${TYPE}.manifest.v1+json`,
      config: named(`${TYPE}.config.v1+json`, config),
      layers: [named(`${TYPE}.layer.v1.tar+gzip`, layer)],
    }),
  );
  const blobs = new Map([config, layer].map((bytes) => [`/v2/app/blobs/${digestOf(bytes)}`, bytes]));
  const seen: Seen[] = [];
  let how: Misbehave = () => false;

  const server = createServer((request, response) => {
    const { authorization, range } = request.headers;
    seen.push({ method: request.method!, path: request.url!, authorization, range });
    if (how(request, response)) return;
    if (request.url === '/v2/app/manifests/1') {
      response.writeHead(200, { 'content-type': `${TYPE}.manifest.v1+json` }).end(manifest);
      return;
    }
    const blob = blobs.get(request.url!);
    if (!blob) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const part = blob.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': part.length,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` } : {}),
    });
    response.end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    layer: { digest: digestOf(layer), bytes: layer },
    manifest,
    misbehave: (next) => {
      how = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Bytes that do not compress, the same every time. */
function noise(size: number): Buffer {
  const data = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    data[at] = state >>> 24;
  }
  return data;
}
