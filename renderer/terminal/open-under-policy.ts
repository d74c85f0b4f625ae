import type { Terminal } from '@xterm/xterm';

/**
 * Opens a terminal where the page's policy lets no inline style in. xterm writes its rules into `<style>` elements and
 * colours of text into `style` attributes, and the browser drops both. Here the rules go into style sheets of the document,
 * and colours through the elements' style objects, which are open to scripts alone and so no concern of the policy.
 * Knows two things of xterm 6.0.0 that its types do not say: that all its `<style>` elements are made while it opens, and
 * where the rows are made. Answers a function that takes the rules out again.
 */
export function openUnderPolicy(terminal: Terminal, place: HTMLElement): () => void {
  const sheets: CSSStyleSheet[] = [];
  const create = document.createElement.bind(document);

  /** Stands where the `<style>` would, and is nothing to look at. */
  function styleElement(): HTMLElement {
    const sheet = new CSSStyleSheet();
    sheets.push(sheet);
    document.adoptedStyleSheets.push(sheet);
    return Object.defineProperty(create('template'), 'textContent', {
      set: (rules: string) => sheet.replaceSync(rules),
    });
  }

  Object.defineProperty(document, 'createElement', {
    value: (name: string) => (name === 'style' ? styleElement() : create(name)),
    configurable: true,
  });
  try {
    terminal.open(place);
  } finally {
    Reflect.deleteProperty(document, 'createElement');
  }
  const { _core: core } = terminal as unknown as Internals;
  core._renderService._renderer.value._rowFactory._document = {
    createElement: (name) => withStyleAttribute(create(name)),
  };
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet));
  };
}

interface RowFactory {
  _document: { createElement(name: string): HTMLElement };
}

interface Internals {
  readonly _core: {
    readonly _renderService: { readonly _renderer: { readonly value: { readonly _rowFactory: RowFactory } } };
  };
}

function withStyleAttribute(element: HTMLElement): HTMLElement {
  return Object.defineProperty(element, 'setAttribute', {
    value(name: string, value: string) {
      if (name === 'style') element.style.cssText = value;
      else Element.prototype.setAttribute.call(element, name, value);
    },
  });
}
