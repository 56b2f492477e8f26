/** The mark that the page's own policy wants on style elements; the program writes another into each answer. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
