/** How Debian's chromium is started for a test: no network of its own, no first-run pages. */
export const CHROMIUM = {
  executablePath: process.env.SLIPWAY_CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
