import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds on the page as it stands, as readable lines; only what keeps people out (serious and critical). */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as axe.AxeResults
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        (node) => `${id}: ${help}: ${node.html.slice(0, 160)} ${node.any.map((each) => each.message).join('; ')}`,
      ),
    )
}
