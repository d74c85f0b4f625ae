/** Sites the window links to: the specifications and manuals that messages name. */
const HOSTS: ReadonlySet<string> = new Set(['docs.docker.com', 'github.com', 'opencontainers.org']);

/** Whether a link may be handed to the person's browser: https, a site on the list, no credentials and no other port. */
export function mayOpenExternally(link: string): boolean {
  const url = URL.parse(link);
  return url?.protocol === 'https:' && HOSTS.has(url.host) && url.username === '' && url.password === '';
}
