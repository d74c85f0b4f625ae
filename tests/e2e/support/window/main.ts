import { mount } from 'svelte';
import App from '../../../../renderer/App.svelte';
import { createFakeClient, type FakeScene } from '../fake-client.ts';

/** The real window over a fake client. `?scene=` chooses what there is to see. */
const scene = (new URLSearchParams(location.search).get('scene') ?? 'full') as FakeScene;

mount(App, {
  target: document.getElementById('app')!,
  props: { client: createFakeClient(scene, Date.now()), connection: { status: 'open' } },
});
