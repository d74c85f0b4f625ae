import { expect, test } from '../fixture.ts';
import { ProjectsPage } from '../pages/projects-page.ts';
import { rawCall } from '../support/raw-call.ts';

test('opens on the projects, empty, and says what to do', async ({ app }) => {
  const projects = new ProjectsPage(app.page);
  await expect(projects.heading).toBeVisible();
  await expect(projects.heading).toBeFocused();
  await expect(projects.emptyText).toBeVisible();
  await expect(projects.chooseFolder).toBeVisible();
});

test('the page and the application speak with each other', async ({ app, hostKind, scratch }) => {
  const answer = await rawCall(app.page, hostKind, { id: 1_000_001, call: 'system.info', input: {} });
  expect(answer).toMatchObject({
    id: 1_000_001,
    result: {
      host: hostKind === 'serve' ? 'serve' : 'desktop',
      nativeDialogs: hostKind !== 'serve',
      store: `${scratch}/store`,
    },
  });
});

test('a reload begins a new conversation', async ({ app }) => {
  const projects = new ProjectsPage(app.page);
  await expect(projects.emptyText).toBeVisible();
  await app.page.reload();
  await expect(projects.emptyText).toBeVisible();
});

test('writes nothing to the page’s console and ends well', async ({ app }) => {
  const complaints: string[] = [];
  app.page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  app.page.on('pageerror', (error) => complaints.push(error.message));
  await app.page.reload();
  await expect(new ProjectsPage(app.page).emptyText).toBeVisible();
  expect(complaints).toEqual([]);
  expect(await app.close()).toBe(0);
  expect(app.output()).not.toMatch(/error|warning/i);
});
