import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Who may talk to a server on the loopback interface. */
export interface Access {
  /** 256 random bits as base64url; whoever has them is the person who started the server. */
  readonly token: string;
  /** Whether the Host header names this server: a name that was made to lead here (DNS rebinding) does not. */
  hostAllowed(headers: IncomingHttpHeaders): boolean;
  /** Whether a WebSocket's Origin is this server's own page. Absent is refused: browsers always send it. */
  originAllowed(headers: IncomingHttpHeaders): boolean;
  /** Compares in a time that tells nothing about the token. */
  tokenMatches(token: string | null): boolean;
}

/** The rules for a server on 127.0.0.1 at `port`. */
export function createAccess(port: number, token = randomBytes(32).toString('base64url')): Access {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  const expected = hash('sha256', token, 'buffer');
  return {
    token,
    hostAllowed: ({ host }) => host !== undefined && hosts.has(host),
    originAllowed: ({ origin }) => origin !== undefined && origins.has(origin),
    tokenMatches: (given) => given !== null && timingSafeEqual(hash('sha256', given, 'buffer'), expected),
  };
}
