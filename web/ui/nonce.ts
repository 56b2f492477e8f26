/** The mark that the page's own policy wants on style elements; the program writes another into each answer. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''

/**
 * The component library marks the styles that it draws with, but not those by which it holds the page still behind a
 * dialog and measures scroll bars: every style element that our own scripts make is marked when it is made.
 */
export function markStyles(): void {
  const create = document.createElement
  document.createElement = function (this: Document, ...given: Parameters<typeof create>) {
    const element = create.apply(this, given)
    if (element instanceof HTMLStyleElement) element.nonce = nonce
    return element
  } as typeof create
}
