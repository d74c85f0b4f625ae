import type { Locator, Page } from '@playwright/test';

/** The first screen, as a person finds things on it. */
export class ProjectsPage {
  readonly heading: Locator;
  readonly emptyText: Locator;
  readonly chooseFolder: Locator;
  readonly rows: Locator;

  constructor(page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Projects' });
    this.emptyText = page.getByText('Drop a folder that has a Dockerfile');
    this.chooseFolder = page.getByRole('button', { name: 'Choose folder…' });
    this.rows = page.getByRole('table', { name: 'Projects' }).locator('tbody').getByRole('row');
  }

  row(name: string): Locator {
    return this.rows.filter({ hasText: name });
  }
}
