import { expect, test } from 'vitest';
import { createTransferProgress } from './transfer-progress.ts';

test('shares add up, fall back, shrink, and never hold more than they have', () => {
  const told: string[] = [];
  const share = createTransferProgress((current, total) => told.push(`${current}/${total}`));
  const [a, b] = [share(100), share(50)];
  a.reach(60);
  b.reach(20);
  // Broken off, and taken up at 30.
  a.reach(30);
  // Sent again after a 401.
  b.reach(70);
  a.resize(20);
  a.finish();
  expect(told).toEqual(['60/150', '80/150', '50/150', '80/150', '70/70']);
});
