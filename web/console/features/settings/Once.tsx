import { Button } from 'antd'
import { useCopy } from '#ui/copy.ts'
import { Icon } from '#ui/icons.tsx'
import { Qr } from '#ui/Qr.tsx'
import { useText } from '../../texts/texts.ts'
import css from './Once.module.css'

/** A text that is shown this once, to be copied, or read by a phone. */
export function Once({ text, label, qr = false }: { text: string; label: string; qr?: boolean }) {
  const say = useText()
  const { copied, copy } = useCopy(text)
  return (
    <>
      <div className={css.once}>
        <input readOnly value={text} aria-label={label} onFocus={({ target }) => target.select()} />
        <Button size="small" icon={<Icon name={copied ? 'check' : 'copy'} size={14} />} onClick={copy}>
          {copied ? say('copied') : say('copy')}
        </Button>
      </div>
      {qr && (
        <div className={css.qr}>
          <Qr text={text} label={label} size={148} />
        </div>
      )}
    </>
  )
}
