import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOf, type Digest } from '../../electron/engine/base/digest.ts';

/** How a registry that takes uploads behaves; what is left out is as the specification has it. */
export interface UploadBehaviour {
  /** Answers PATCH with this status. */
  readonly refuseChunks?: number;
  /** Larger bodies get 413. */
  readonly largestBody?: number;
  /** Announced as OCI-Chunk-Min-Length. */
  readonly leastChunk?: number;
  /** The connection of the nth PATCH or PUT of a blob breaks after this many bytes of its body. */
  readonly breakAt?: (upload: number) => number | undefined;
  /** Forgets what it had when a connection broke. */
  readonly forgetful?: boolean;
  /** Where uploads go on, if not here. */
  readonly elsewhere?: string;
  /** Says, when it is asked, that it has this much more than it has. */
  readonly boast?: number;
  /** Spoils what it has when a connection breaks. */
  readonly spoils?: boolean;
  /** Does the upload's answer first, then breaks the connection instead of sending it. */
  readonly swallowAnswer?: (upload: number) => boolean;
}

/** The part of a registry in memory that takes blobs and manifests. */
export interface FakeUploads {
  readonly blobs: Map<Digest, Buffer>;
  readonly manifests: Map<string, { readonly mediaType: string; readonly bytes: Buffer }>;
  /** Bytes of blobs that came, those of broken requests included. */
  received(): number;
  behave(how: UploadBehaviour): void;
  /** False for requests that are not about pushing. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

const UPLOADS = /^\/v2\/([a-z0-9/]+)\/blobs\/uploads\/(\d*)$/;

export function createFakeUploads(): FakeUploads {
  const blobs = new Map<Digest, Buffer>();
  const manifests: FakeUploads['manifests'] = new Map();
  const uploads = new Map<string, Buffer>();
  let how: UploadBehaviour = {};
  let bodies = 0;
  let total = 0;
  let next = 1;

  const place = (repository: string, id: string): string =>
    `${how.elsewhere ?? ''}/v2/${repository}/blobs/uploads/${id}?state=x`;
  const range = (id: string, more = 0): Record<string, string> => ({
    range: `0-${Math.max(0, uploads.get(id)!.length - 1 + more)}`,
  });

  /** Appends what comes; breaks the connection where that is wanted, and then does not call `done`. */
  function receive(id: string, request: IncomingMessage, done: () => void): void {
    const count = bodies++;
    const breakAt = how.breakAt?.(count);
    let seen = 0;
    request.on('data', (chunk: Buffer) => {
      if (request.socket.destroyed) return;
      const part = breakAt === undefined ? chunk : chunk.subarray(0, Math.max(0, breakAt - seen));
      seen += part.length;
      total += part.length;
      if (uploads.has(id)) uploads.set(id, Buffer.concat([uploads.get(id)!, part]));
      if (breakAt !== undefined && seen >= breakAt) cut();
    });
    request.on('end', () => {
      if (request.socket.destroyed) return;
      if (breakAt !== undefined) return cut();
      done();
      if (how.swallowAnswer?.(count)) request.socket.destroy();
    });
    const cut = (): void => {
      if (how.forgetful) uploads.delete(id);
      else if (how.spoils) uploads.get(id)?.fill(0, 0, 10);
      request.socket.destroy();
    };
  }

  function upload(request: IncomingMessage, response: ServerResponse, repository: string, id: string): void {
    const bytes = uploads.get(id);
    const length = Number(request.headers['content-length'] ?? 0);
    if (bytes === undefined) return void response.writeHead(404).end();
    if (how.largestBody !== undefined && length > how.largestBody)
      return void response.writeHead(413, { connection: 'close' }).end();
    const headers = (): Record<string, string> => ({ location: place(repository, id), ...range(id) });
    if (request.method === 'GET')
      return void response.writeHead(204, { ...headers(), ...range(id, how.boast) }).end();
    if (request.method === 'PATCH') {
      if (how.refuseChunks !== undefined)
        return void response.writeHead(how.refuseChunks, { connection: 'close' }).end();
      const start = Number(/^(\d+)-\d+$/.exec(request.headers['content-range'] ?? '')?.[1] ?? Number.NaN);
      if (start !== bytes.length) return void response.writeHead(416, { connection: 'close' }).end();
      return receive(id, request, () => response.writeHead(202, headers()).end());
    }
    const digest = new URL(request.url!, 'http://x').searchParams.get('digest') as Digest;
    receive(id, request, () => {
      const whole = uploads.get(id)!;
      uploads.delete(id);
      if (digestOf(whole) !== digest) return void response.writeHead(400).end();
      blobs.set(digest, whole);
      response.writeHead(201).end();
    });
  }

  return {
    blobs,
    manifests,
    received: () => total,
    behave: (next) => {
      how = next;
      bodies = 0;
    },
    handle(request, response) {
      const { pathname } = new URL(request.url!, 'http://x');
      const [, repository, id] = UPLOADS.exec(pathname) ?? [];
      if (repository !== undefined && id === '') {
        const created = String(next++);
        uploads.set(created, Buffer.alloc(0));
        const least = how.leastChunk === undefined ? {} : { 'oci-chunk-min-length': how.leastChunk };
        response.writeHead(202, { location: place(repository, created), ...least }).end();
        return true;
      }
      if (repository !== undefined) {
        upload(request, response, repository, id!);
        return true;
      }
      const blob = /\/blobs\/(sha256:[0-9a-f]{64})$/.exec(pathname)?.[1] as Digest | undefined;
      if (request.method === 'HEAD' && blob !== undefined) {
        response.writeHead(blobs.has(blob) ? 200 : 404).end();
        return true;
      }
      if (request.method !== 'PUT' || !pathname.includes('/manifests/')) return false;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { config, layers } = JSON.parse(bytes.toString()) as {
          config: { digest: Digest };
          layers: { digest: Digest }[];
        };
        // As real ones, it takes no manifest whose blobs it lacks.
        const whole = [config, ...layers].every(({ digest }) => blobs.has(digest));
        if (whole) manifests.set(pathname, { mediaType: request.headers['content-type'] ?? '', bytes });
        response.writeHead(whole ? 201 : 400).end();
      });
      return true;
    },
  };
}
