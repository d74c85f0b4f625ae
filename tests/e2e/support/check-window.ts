import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { serveWindow } from './serve-window.ts';

/**
 * Opens every screen over the fake client, in light and dark: fails where axe finds something, text from outside
 * becomes markup, or the page breaks the content security policy or logs an error; and takes a picture of each, to look at.
 * `vite build --config tests/e2e/support/vite.window.config.ts`, then `node tests/e2e/support/check-window.ts DIR [name…]`.
 */
interface Picture {
  readonly name: string;
  readonly scene?: 'empty' | 'full' | 'broken';
  readonly width?: number;
  readonly pose?: (page: Page) => Promise<void>;
}

const go = (page: Page, name: string) => page.getByRole('navigation').getByRole('button', { name }).click();
const open = async (page: Page, name: string, row: number): Promise<void> => {
  await go(page, name);
  await page.locator('[data-row]').nth(row).click();
};

const PICTURES: readonly Picture[] = [
  { name: 'projects' },
  { name: 'projects-narrow', width: 800 },
  { name: 'projects-empty', scene: 'empty' },
  { name: 'projects-broken', scene: 'broken' },
  { name: 'builds', pose: (page) => go(page, 'Builds') },
  { name: 'builds-empty', scene: 'empty', pose: (page) => go(page, 'Builds') },
  { name: 'build-running', pose: (page) => open(page, 'Builds', 0) },
  { name: 'build-done', pose: (page) => open(page, 'Builds', 1) },
  {
    name: 'build-step',
    pose: async (page) => {
      await open(page, 'Builds', 1);
      await page.getByRole('button', { name: /npm ci/ }).click();
      await page.getByRole('searchbox', { name: 'Find in log' }).fill('package');
      await page.keyboard.press('F3');
    },
  },
  {
    name: 'build-why',
    pose: async (page) => {
      await open(page, 'Builds', 1);
      await page.getByRole('button', { name: /^Miss: why step 3 of deps/ }).click();
      await page.getByRole('button', { name: /^Miss: why step 1 of builder/ }).click();
    },
  },
  { name: 'build-forecast', pose: (page) => forecast(page, 'Rebuild') },
  {
    name: 'projects-forecast',
    pose: async (page) => {
      await page.getByRole('button', { name: 'Build shop' }).hover();
      await page.getByText(/will run/).waitFor();
    },
  },
  { name: 'build-failed', pose: (page) => open(page, 'Builds', 2) },
  { name: 'build-failed-run', pose: (page) => open(page, 'Builds', 3) },
  { name: 'build-failed-run-narrow', width: 900, pose: (page) => open(page, 'Builds', 3) },
  { name: 'shell', pose: shell },
  { name: 'shell-narrow', width: 900, pose: shell },
  { name: 'build-narrow', width: 900, pose: (page) => open(page, 'Builds', 2) },
  { name: 'images', pose: (page) => go(page, 'Images') },
  { name: 'images-empty', scene: 'empty', pose: (page) => go(page, 'Images') },
  { name: 'image-history', pose: (page) => open(page, 'Images', 0) },
  {
    name: 'image-config',
    pose: async (page) => {
      await open(page, 'Images', 0);
      await page.getByRole('tab', { name: 'Config' }).click();
    },
  },
  {
    name: 'image-tags',
    pose: async (page) => {
      await open(page, 'Images', 0);
      await page.getByRole('tab', { name: 'Tags' }).click();
      await page.getByRole('button', { name: 'Remove', exact: true }).first().click();
      await page.getByText('Removed the tag').waitFor();
    },
  },
  {
    name: 'image-raw',
    pose: async (page) => {
      await open(page, 'Images', 0);
      await page.getByRole('tab', { name: 'Raw' }).click();
    },
  },
  {
    name: 'tag-dialog',
    pose: async (page) => {
      await go(page, 'Images');
      await page.getByRole('button', { name: 'Add a tag to shop:latest' }).click();
      await page.getByRole('textbox', { name: 'Reference' }).fill('site');
    },
  },
  {
    name: 'delete-dialog',
    pose: async (page) => {
      await go(page, 'Images');
      await page.getByRole('button', { name: 'More for shop:latest' }).click();
      await page.getByRole('menuitem', { name: 'Delete…' }).click();
    },
  },
  {
    name: 'menu',
    pose: async (page) => {
      await page.getByRole('button', { name: 'More for shop' }).click();
    },
  },
  {
    name: 'watch-menu',
    pose: async (page) => {
      await page.getByRole('button', { name: 'Watch site: Changes seen' }).waitFor();
      await page.getByRole('button', { name: 'More for site' }).click();
    },
  },
  {
    name: 'settings',
    pose: (page) => page.getByRole('button', { name: 'Settings' }).click(),
  },
  {
    name: 'options',
    pose: async (page) => {
      await page.getByRole('button', { name: 'More for shop' }).click();
      await page.getByRole('menuitem', { name: 'Build options…' }).click();
      await page.getByRole('button', { name: 'Add a label' }).click();
    },
  },
  {
    name: 'options-run',
    pose: async (page) => {
      await page.getByRole('button', { name: 'More for shop' }).click();
      await page.getByRole('menuitem', { name: 'Build options…' }).click();
      await page.getByText('Secrets, ssh, network').click();
      await page.getByRole('button', { name: 'Add a secret' }).click();
      await page.getByRole('textbox', { name: 'Id of the secret' }).fill('npm');
      await page.getByRole('textbox', { name: 'File of the secret' }).fill('.npmrc');
      await page.getByRole('button', { name: 'Add a build context' }).click();
      await page.getByRole('textbox', { name: 'Source of the build context' }).scrollIntoViewIfNeeded();
    },
  },
  { name: 'shortcuts', pose: (page) => page.keyboard.press('?') },
  { name: 'browse', pose: (page) => page.getByRole('button', { name: 'Open folder…' }).click() },
  {
    name: 'save-dialog',
    pose: async (page) => {
      await go(page, 'Images');
      await page.getByRole('button', { name: 'More for shop:latest' }).click();
      await page.getByRole('menuitem', { name: 'Save as an archive…' }).click();
    },
  },
  { name: 'storage', pose: (page) => go(page, 'Storage') },
  { name: 'storage-empty', scene: 'empty', pose: (page) => go(page, 'Storage') },
  { name: 'storage-narrow', width: 800, pose: (page) => page.keyboard.press('Control+5') },
  { name: 'clean-up', pose: (page) => cleanUp(page) },
  {
    name: 'clean-up-all',
    pose: async (page) => {
      await cleanUp(page);
      await page.getByRole('radio', { name: 'Everything that is not needed' }).check();
    },
  },
  { name: 'machine', pose: (page) => page.keyboard.press('Control+4') },
  { name: 'pull-dialog', pose: (page) => pull(page, 'registry.example.com/team/app:1.2', false) },
  { name: 'pull-running', pose: (page) => pull(page, 'registry.example.com/slow:1.2') },
  { name: 'pull-denied', pose: (page) => pull(page, 'registry.example.com/denied:1.2') },
  { name: 'pull-done', pose: (page) => pull(page, 'shop') },
  {
    name: 'transfers',
    pose: async (page) => {
      for (const name of ['slow/one:1', 'late/denied:1', 'registry.example.com/slow/two@sha256:0000']) {
        await pull(page, name);
        await page.keyboard.press('Escape');
      }
    },
  },
  { name: 'push-dialog', pose: (page) => push(page) },
  {
    name: 'push-other',
    pose: async (page) => {
      await push(page);
      await page.getByRole('radio', { name: 'Another name' }).check();
      await page.getByRole('textbox', { name: 'Name to push as' }).fill('registry.example.com/denied/shop:2');
      await page.getByRole('button', { name: 'Push', exact: true }).click();
    },
  },
  {
    name: 'push-done',
    pose: async (page) => {
      await push(page);
      await page.getByRole('button', { name: 'Push', exact: true }).click();
    },
  },
  { name: 'drop', pose: (page) => drag(page, 'dragenter', 'many') },
  { name: 'dockerfiles', pose: (page) => drag(page, 'drop', 'many') },
  { name: 'unusable', pose: (page) => drag(page, 'drop', 'none') },
];

async function forecast(page: Page, button: string): Promise<void> {
  await open(page, 'Builds', 1);
  await page.getByRole('button', { name: button }).hover();
  await page.getByText(/will run/).waitFor();
}

async function pull(page: Page, reference: string, start = true): Promise<void> {
  await page.keyboard.press('Control+p');
  await page.getByRole('textbox', { name: 'Reference' }).fill(reference);
  if (start) await page.keyboard.press('Enter');
}

async function cleanUp(page: Page): Promise<void> {
  await go(page, 'Storage');
  await page.getByRole('button', { name: 'Clean up…' }).click();
  await page.getByText('would go').waitFor();
}

async function push(page: Page): Promise<void> {
  await go(page, 'Images');
  await page.getByRole('button', { name: 'More for shop:latest' }).click();
  await page.getByRole('menuitem', { name: 'Push…' }).click();
}

async function shell(page: Page): Promise<void> {
  await open(page, 'Builds', 3);
  await page.getByRole('button', { name: 'Open a shell' }).click();
  await page.getByRole('menuitem', { name: 'After the command' }).click();
  await page.getByRole('region', { name: 'Shell after RUN npm run build' }).waitFor();
}

async function drag(page: Page, type: string, name: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle((file) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], file));
    return transfer;
  }, name);
  await page.dispatchEvent('main', type, { dataTransfer });
}

const [directory = 'test-results/pictures', ...wanted] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const server = await serveWindow(fileURLToPath(new URL('../../../out/fake-window', import.meta.url)));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
for (const { name, scene = 'full', width = 1280, pose } of PICTURES) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const colorScheme of ['light', 'dark'] as const) {
    const viewport = { width, height: 800 };
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const complain = (text: string): void => {
      console.error(`${name}, ${colorScheme}: ${text}`);
      process.exitCode = 1;
    };
    page.on('console', (message) => message.type() === 'error' && complain(message.text()));
    page.on('pageerror', (error) => complain(error.message));
    await page.goto(`${server.url}?scene=${scene}`);
    try {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await pose?.(page);
    } catch (error) {
      complain(String(error));
    }
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${directory}/${name}-${colorScheme}.png` });
    if (await page.evaluate(() => '__pwned' in window)) complain('text from outside was run as markup');
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .analyze();
    for (const { id, nodes } of violations)
      complain(`${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join('\n')}`);
    await context.close();
  }
}
await browser.close();
server.close();
