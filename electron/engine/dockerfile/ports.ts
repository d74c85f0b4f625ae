import { isIP } from 'node:net';
import { EngineError } from '../base/errors.ts';
import { quote } from './messages.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const MAX_PORT = 65_535;
const MAX_PORTS = 200_000;
const HINT = 'Write for example 8080, 8080/udp or 8000-8010.';

interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The ports that the expanded words of an EXPOSE name, as `port/protocol` in their order, ranges spelled out, tcp where no
 * protocol is given. A host part (`127.0.0.1:80:8080`, `80:8080`, `[::1]::8080`) is checked and dropped. Fails with
 * DOCKERFILE_PORT, without a place.
 */
export function expandPorts(words: readonly string[]): readonly string[] {
  const ports: string[] = [];
  for (const word of words) {
    const { range, protocol } = parsePort(word);
    if (ports.length + range.last - range.first >= MAX_PORTS) {
      throw portError('EXPOSE names more ports than there are.', HINT);
    }
    for (let port = range.first; port <= range.last; port++) ports.push(`${port}/${protocol}`);
  }
  return ports;
}

function parsePort(word: string): { range: PortRange; protocol: string } {
  const parts = word.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  const address = parts.join(':');
  const slash = container.indexOf('/');
  const protocol = slash < 0 ? '' : container.slice(slash + 1).toLowerCase();
  if (protocol !== '' && !PROTOCOLS.includes(protocol)) {
    throw portError(
      `The port ${quote(word)} has the unknown protocol ${quote(protocol)}.`,
      'It can be tcp, udp or sctp.',
    );
  }
  if (parts.length > 0 && !isAddress(address)) {
    throw portError(`The port ${quote(word)} does not begin with an IP address.`, HINT);
  }
  const range = parseRange(slash < 0 ? container : container.slice(0, slash));
  const hostRange = host === '' ? undefined : parseRange(host);
  if (!range || (host !== '' && !hostRange)) {
    throw portError(`${quote(word)} is not a port or a range of ports from 0 to 65535.`, HINT);
  }
  const length = range.last - range.first;
  if (hostRange && length > 0 && length !== hostRange.last - hostRange.first) {
    throw portError(`The two ranges of ${quote(word)} are not equally long.`, HINT);
  }
  return { range, protocol: protocol === '' ? 'tcp' : protocol };
}

function isAddress(text: string): boolean {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return bare === '' || (isIP(bare) !== 0 && !bare.includes('%'));
}

function parseRange(text: string): PortRange | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return last <= MAX_PORT && first <= last ? { first, last } : undefined;
}

function portError(message: string, hint: string): EngineError {
  return new EngineError('DOCKERFILE_PORT', message, { hint });
}
