import type { Locator, Page } from '@playwright/test';

/** A build, live or of the past. */
export class BuildPage {
  readonly steps: Locator;
  /** Why steps were not in the cache. */
  readonly misses: Locator;
  /** What a build would do, while its button is pointed at. */
  readonly forecast: Locator;
  readonly rebuild: Locator;
  readonly cancel: Locator;
  readonly failure: Locator;
  readonly #header: Locator;

  constructor(page: Page) {
    // A header inside main has no role of its own.
    this.#header = page.getByRole('main').locator('header');
    this.steps = page.getByRole('list', { name: /^Steps of / }).getByRole('button', { name: /^Step \d+ of/ });
    this.misses = page.getByRole('button', { name: /^Miss: / });
    this.forecast = page.getByRole('tooltip');
    this.rebuild = page.getByRole('button', { name: 'Rebuild' });
    this.cancel = page.getByRole('button', { name: 'Cancel' });
    this.failure = page.getByRole('alert');
  }

  /** The result in words, in the header. */
  outcome(word: 'succeeded' | 'failed' | 'cancelled'): Locator {
    return this.#header.getByText(word, { exact: true });
  }

  /** The button that opens the image it made. */
  image(name: string): Locator {
    return this.#header.getByRole('button', { name });
  }
}
