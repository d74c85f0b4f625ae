const DOCKER_HUB = 'registry-1.docker.io';

/** Whether the host name, as in a URL, is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Where a reference's domain is served: https, or plain http on this machine and where the user has marked the registry as
 * insecure. `docker.io` is an alias.
 */
export function registryOrigin(domain: string, insecure = false): string {
  if (domain === 'docker.io') return `https://${DOCKER_HUB}`;
  const { hostname } = new URL(`https://${domain}`);
  return new URL(`${insecure || isLoopback(hostname) ? 'http' : 'https'}://${domain}`).origin;
}

/**
 * Whether requests for the registry at `origin` may go to this URL: over TLS, or to the registry itself; from a registry on
 * this machine also to others on it.
 */
export function isAllowed(url: URL, origin: string): boolean {
  if (url.protocol === 'https:' || url.origin === origin) return true;
  return url.protocol === 'http:' && isLoopback(url.hostname) && isLoopback(new URL(origin).hostname);
}

/**
 * Whether a token service may see a registry's password: the same host, or one that shares its parent domain, as
 * auth.docker.io and registry-1.docker.io do. Addresses share nothing.
 */
export function isSameSite(a: string, b: string): boolean {
  if (a === b) return true;
  const isAddress = (host: string): boolean => host.startsWith('[') || /^[\d.]+$/.test(host);
  if (isAddress(a) || isAddress(b)) return false;
  const parent = (host: string): string => host.slice(host.indexOf('.') + 1);
  const sites = [a.endsWith(`.${b}`) && b, b.endsWith(`.${a}`) && a, parent(a) === parent(b) && parent(a)];
  return sites.some((site) => typeof site === 'string' && site.includes('.'));
}
