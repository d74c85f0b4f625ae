import type { Locator, Page } from '@playwright/test';

/** The list of local images, and one image. */
export class ImagesPage {
  readonly heading: Locator;
  readonly rows: Locator;
  readonly history: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.heading = page.getByRole('heading', { level: 1 });
    this.rows = page.getByRole('table', { name: 'Images' }).locator('tbody').getByRole('row');
    this.history = page
      .getByRole('table', { name: 'History, oldest first' })
      .locator('tbody')
      .getByRole('row');
  }

  async open(name: string): Promise<void> {
    await this.#page.getByRole('button', { name: `Open image ${name}` }).click();
  }

  /** Adds a reference to the image of that name in the list. */
  async tag(name: string, reference: string): Promise<void> {
    await this.#page.getByRole('button', { name: `Add a tag to ${name}` }).click();
    const dialog = this.#page.getByRole('dialog', { name: `Tag ${name}` });
    await dialog.getByRole('textbox', { name: 'Reference' }).fill(reference);
    await dialog.getByRole('button', { name: /^(Add|Move) tag$/ }).click();
  }

  async chooseAction(menu: string, action: string): Promise<void> {
    await this.#page.getByRole('button', { name: menu }).click();
    await this.#page.getByRole('menuitem', { name: action }).click();
  }

  /** Answers the open Save dialog; with a path where the host has no dialog of its own for it. */
  async save(path: string | undefined): Promise<void> {
    const dialog = this.#page.getByRole('dialog', { name: /^Save / });
    if (path !== undefined) await dialog.getByRole('textbox').fill(path);
    await dialog.getByRole('button', { name: /^Save/ }).click();
  }

  removeTag(reference: string): Locator {
    return this.#page.getByRole('button', { name: `Remove the tag ${reference}` });
  }
}
