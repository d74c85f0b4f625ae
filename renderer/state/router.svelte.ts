export type Route =
  | { readonly screen: 'projects' }
  | { readonly screen: 'builds'; readonly projectId?: string }
  | { readonly screen: 'build'; readonly buildId: string }
  | { readonly screen: 'images' }
  | { readonly screen: 'image'; readonly id: string }
  | { readonly screen: 'storage' }
  | { readonly screen: 'machine' };

export interface Router {
  readonly route: Route;
  go(route: Route): void;
  /** The same, in the place of where the person is: going back does not lead there. */
  replace(route: Route): void;
  back(): void;
  forward(): void;
}

const HOME: Route = { screen: 'projects' };

/** Where the person is. The browser's own history carries it, so that its buttons and a reload work too. */
export function createRouter(target: Window): Router {
  let route = $state.raw<Route>(readRoute(target.history.state) ?? HOME);

  target.addEventListener('popstate', (event) => {
    route = readRoute(event.state) ?? HOME;
  });

  return {
    get route() {
      return route;
    },
    go(next) {
      if (sameRoute(route, next)) return;
      route = next;
      target.history.pushState({ route: { ...next } }, '');
    },
    replace(next) {
      route = next;
      target.history.replaceState({ route: { ...next } }, '');
    },
    back: () => target.history.back(),
    forward: () => target.history.forward(),
  };
}

/** What a history entry holds, checked: it outlives versions of this page. */
export function readRoute(state: unknown): Route | undefined {
  const route = (state as { route?: Record<string, unknown> } | null | undefined)?.route;
  switch (route?.['screen']) {
    case 'projects':
    case 'images':
    case 'storage':
    case 'machine':
      return { screen: route['screen'] };
    case 'builds':
      return typeof route['projectId'] === 'string'
        ? { screen: 'builds', projectId: route['projectId'] }
        : { screen: 'builds' };
    case 'build':
      return typeof route['buildId'] === 'string'
        ? { screen: 'build', buildId: route['buildId'] }
        : undefined;
    case 'image':
      return typeof route['id'] === 'string' ? { screen: 'image', id: route['id'] } : undefined;
    default:
      return undefined;
  }
}

export function sameRoute(a: Route, b: Route): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}
