import { expect, test } from '../../fixture.ts';
import { ProjectsPage } from '../../pages/projects-page.ts';

test('keeps the token out of the address bar and refuses a page without it', async ({ app }) => {
  await expect(new ProjectsPage(app.page).emptyText).toBeVisible();
  expect(app.page.url()).not.toContain('token');
  const stranger = await app.page.context().browser()!.newContext();
  const page = await stranger.newPage();
  await page.goto(new URL('/', app.url).href);
  await expect(new ProjectsPage(page).emptyText).toBeHidden();
  const refused = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/rpc?token=guess`);
        socket.onopen = () => resolve('open');
        socket.onclose = () => resolve('closed');
      }),
  );
  expect(refused).toBe('closed');
  await stranger.close();
});

test('is not to be used from a foreign page, with the token or without', async ({ app }) => {
  const foreign = await app.page.context().browser()!.newContext();
  const page = await foreign.newPage();
  await page.route('http://evil.example/', (route) =>
    route.fulfill({ contentType: 'text/html', body: 'evil' }),
  );
  await page.goto('http://evil.example/');
  const { host, hash } = new URL(app.url);
  const outcome = await page.evaluate(
    async ([address, token]) => ({
      socket: await new Promise((resolve) => {
        const socket = new WebSocket(`ws://${address}/rpc?token=${token}`);
        socket.onopen = () => resolve('open');
        socket.onclose = () => resolve('closed');
      }),
      read: await fetch(`http://${address}/`).then(
        () => 'read',
        () => 'refused',
      ),
    }),
    [host, hash.slice('#token='.length)],
  );
  expect(outcome).toEqual({ socket: 'closed', read: 'refused' });
  await foreign.close();
});
