/** The second factor: set up with an authenticator and its first code; recovery codes are shown once. */
import { useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input, Popconfirm } from 'antd'
import { useState } from 'react'
import {
  beginSecondFactor,
  confirmSecondFactor,
  endOwnSecondFactor,
  readAccount,
  renewRecoveryCodes,
  whoAmI,
} from '#modules/access/contract'
import { useCopy } from '#ui/copy.ts'
import { Icon } from '#ui/icons.tsx'
import { Qr } from '#ui/Qr.tsx'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Account.module.css'
import type { AccountOf } from './Account.tsx'

export function SecondFactor({ account }: { account: AccountOf }) {
  const say = useText()
  const [codes, setCodes] = useState<string[] | null>(null)
  return (
    <section>
      <h2>{say('account.factor')}</h2>
      {codes ? (
        <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />
      ) : account.secondFactorSince === null ? (
        <SetUp needed={account.secondFactorNeeded} onCodes={setCodes} />
      ) : (
        <IsOn account={account} since={account.secondFactorSince} onCodes={setCodes} />
      )}
    </section>
  )
}

function SetUp({ needed, onCodes }: { needed: boolean; onCodes: (codes: string[]) => void }) {
  const say = useText()
  const beginning = useAct(beginSecondFactor)
  const [form] = Form.useForm<{ code: string }>()
  // What is read again may take this page away: the codes are handed on first.
  const confirming = useAct(confirmSecondFactor, {
    changes: [keyOf(readAccount)],
    onDone: ({ recoveryCodes }) => onCodes(recoveryCodes),
  })
  const offer = beginning.data
  return (
    <>
      <p className={css.why}>{say(needed ? 'account.factorNeeded' : 'account.factorWhy')}</p>
      {!offer && (
        <div className={css.acts}>
          <Button
            type={needed ? 'primary' : 'default'}
            loading={beginning.isPending}
            onClick={() => beginning.mutate({})}
          >
            {say('account.factorBegin')}
          </Button>
        </div>
      )}
      <ProblemNote error={beginning.error} />
      {offer && (
        <div className={css.offer}>
          <div className={css.qr}>
            <Qr text={offer.uri} label={say('account.factorQr')} />
          </div>
          <div>
            <p>{say('account.factorScan')}</p>
            <code className={css.secret}>{offer.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
            <Form
              form={form}
              layout="vertical"
              requiredMark={false}
              onFinish={({ code }) => confirming.mutate({ code })}
            >
              <Form.Item
                name="code"
                label={say('account.factorCode')}
                rules={[{ required: true, whitespace: true, message: say('prove.needed') }]}
              >
                <Input autoFocus autoComplete="one-time-code" inputMode="numeric" maxLength={12} />
              </Form.Item>
              <ProblemNote error={confirming.error} />
              <Button type="primary" htmlType="submit" loading={confirming.isPending}>
                {say('account.factorConfirm')}
              </Button>
            </Form>
          </div>
        </div>
      )}
    </>
  )
}

function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const say = useText()
  const { copied, copy } = useCopy(codes.join('\n'))
  // Whoever had to set it up first comes in to the rest only now, after they have seen the codes.
  const keeping = useKept(onKept)
  return (
    <>
      <p className={css.why}>{say('account.codesShown')}</p>
      <ul className={css.codes} aria-label={say('account.codes')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={css.acts}>
        <Button icon={<Icon name={copied ? 'check' : 'copy'} size={14} />} onClick={copy}>
          {copied ? say('copied') : say('copy')}
        </Button>
        <Button type="primary" onClick={keeping}>
          {say('account.codesKept')}
        </Button>
      </div>
    </>
  )
}

function IsOn({ account, since, onCodes }: { account: AccountOf; since: string; onCodes: (codes: string[]) => void }) {
  const say = useText()
  const formats = useFormats()
  const renewing = useAct(renewRecoveryCodes, {
    changes: [keyOf(readAccount)],
    onDone: ({ recoveryCodes }) => onCodes(recoveryCodes),
  })
  const ending = useAct(endOwnSecondFactor, { changes: [keyOf(readAccount)] })
  return (
    <>
      <p className={css.why}>
        {say('account.factorSince', { at: formats.date(since) })}{' '}
        {say('account.codesLeft', { count: account.recoveryCodesLeft })}
      </p>
      <div className={css.acts}>
        <Button loading={renewing.isPending} onClick={() => renewing.mutate({})}>
          {say('account.codesRenew')}
        </Button>
        {!account.secondFactorNeeded && (
          <Popconfirm
            title={say('account.factorEndTitle')}
            description={say('account.factorEndEffect')}
            okText={say('account.factorEnd')}
            okButtonProps={{ danger: true }}
            onConfirm={() => ending.mutate({})}
          >
            <Button loading={ending.isPending}>{say('account.factorEnd')}</Button>
          </Popconfirm>
        )}
      </div>
      <ProblemNote error={renewing.error ?? ending.error} />
    </>
  )
}

function useKept(onKept: () => void) {
  const queries = useQueryClient()
  return () => {
    onKept()
    void queries.invalidateQueries({ queryKey: keyOf(whoAmI) })
  }
}
