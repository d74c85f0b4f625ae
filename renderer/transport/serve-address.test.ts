import { expect, test, vi } from 'vitest';
import { serveAddress } from './serve-address.ts';

function page(hash: string, stored?: string) {
  const values = new Map(stored === undefined ? [] : [['slipway-token', stored]]);
  const replaceState = vi.fn();
  const address = serveAddress(
    { hash, host: '127.0.0.1:4000', protocol: 'http:', pathname: '/', search: '' } as Location,
    { state: null, replaceState } as unknown as History,
    {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
    } as Storage,
  );
  return { address, replaceState, stored: values.get('slipway-token') };
}

test('the token of the fragment is used, kept for this tab, and taken out of the address bar', () => {
  const { address, replaceState, stored } = page('#token=a%2Bb');
  expect(address).toBe('ws://127.0.0.1:4000/rpc?token=a%2Bb');
  expect(stored).toBe('a+b');
  expect(replaceState).toHaveBeenCalledWith(null, '', '/');
});

test('after a reload the kept token is used', () => {
  const { address, replaceState } = page('', 'kept');
  expect(address).toBe('ws://127.0.0.1:4000/rpc?token=kept');
  expect(replaceState).not.toHaveBeenCalled();
});

test('a new token takes the place of the kept one', () => {
  expect(page('#token=new', 'old').address).toContain('token=new');
});
