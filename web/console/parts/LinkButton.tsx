import { createLink } from '@tanstack/react-router'
import { Button } from 'antd'

/** A link that looks like a button: it opens a page, in a new tab too. */
export const LinkButton = createLink(Button)
