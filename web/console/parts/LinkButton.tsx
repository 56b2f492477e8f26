import { createLink } from '@tanstack/react-router'
import { Button, type ButtonProps } from 'antd'

/** A link that looks like a button: it opens a page, in a new tab too. `type` of a link means something else. */
export const LinkButton = createLink(({ primary, ...props }: Omit<ButtonProps, 'type'> & { primary?: boolean }) => (
  <Button type={primary ? 'primary' : 'default'} {...props} />
))
