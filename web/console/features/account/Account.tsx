/** My account: what I am called, how I sign in, and where I am signed in now. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { readAccount, renameOneself, setOwnPassword, whoAmI } from '#modules/access/contract'
import type { Output } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Account.module.css'
import { SecondFactor } from './SecondFactor.tsx'
import { Sessions } from './Sessions.tsx'

export type AccountOf = Output<typeof readAccount>

export function Account() {
  const say = useText()
  const { asks } = useSession()
  const account = useQuery(reading(readAccount, {}))
  return (
    <>
      <PageHead title={say('account.title')} />
      <div className={css.page}>
        {account.isError ? (
          <Failure error={account.error} onRetry={() => void account.refetch()} />
        ) : account.isPending ? (
          <section aria-busy="true">
            <Skeleton width="60%" height={32} />
          </section>
        ) : asks === 'second_factor' ? (
          <SecondFactor account={account.data} />
        ) : (
          <>
            <Name account={account.data} />
            <Password account={account.data} />
            <SecondFactor account={account.data} />
            <Sessions />
          </>
        )}
      </div>
    </>
  )
}

function Name({ account }: { account: AccountOf }) {
  const say = useText()
  const saving = useAct(renameOneself, { changes: [keyOf(readAccount), keyOf(whoAmI)] })
  return (
    <section>
      <h2>{say('account.who')}</h2>
      <p className={css.why}>
        {say('account.login', { login: account.login })}
        {account.provider && ` ${say('account.provider', { name: account.provider })}`}
      </p>
      <Form
        className={css.form ?? ''}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: account.name }}
        onFinish={({ name }: { name: string }) => saving.mutate({ name })}
        onValuesChange={() => saving.reset()}
      >
        <Form.Item
          name="name"
          label={say('account.name')}
          rules={[{ required: true, whitespace: true, message: say('account.nameNeeded') }]}
        >
          <Input maxLength={80} autoComplete="name" />
        </Form.Item>
        <ProblemNote error={saving.error} />
        <div className={css.acts}>
          <Button htmlType="submit" loading={saving.isPending}>
            {say('group.save')}
          </Button>
          {saving.isSuccess && <span role="status">{say('group.saved')}</span>}
        </div>
      </Form>
    </section>
  )
}

function Password({ account }: { account: AccountOf }) {
  const say = useText()
  const formats = useFormats()
  const [form] = Form.useForm<{ old?: string; password: string }>()
  const setting = useAct(setOwnPassword, {
    changes: [keyOf(readAccount), keyOf(whoAmI)],
    onDone: () => form.resetFields(),
  })
  const first = account.passwordSetAt === null
  return (
    <section>
      <h2>{say('account.password')}</h2>
      <p className={css.why}>
        {first
          ? say('account.passwordWhy')
          : say('account.passwordSince', { at: formats.date(account.passwordSetAt ?? '') })}
      </p>
      <Form
        form={form}
        className={css.form ?? ''}
        layout="vertical"
        requiredMark={false}
        onFinish={({ old, password }) => setting.mutate({ password, ...(old ? { old } : {}) })}
        onValuesChange={() => setting.reset()}
      >
        {/* For whatever keeps passwords. */}
        <input type="text" name="username" autoComplete="username" value={account.login} readOnly hidden />
        {!first && !account.mayReplacePassword && (
          <Form.Item
            name="old"
            label={say('account.oldPassword')}
            rules={[{ required: true, message: say('account.oldPasswordNeeded') }]}
          >
            <Input.Password autoComplete="current-password" maxLength={1024} />
          </Form.Item>
        )}
        <Form.Item
          name="password"
          label={say('account.newPassword')}
          extra={say('account.newPasswordHow')}
          rules={[{ required: true, min: 12, message: say('account.newPasswordShort') }]}
          validateTrigger="onSubmit"
        >
          <Input.Password autoComplete="new-password" maxLength={128} />
        </Form.Item>
        <ProblemNote error={setting.error} />
        <div className={css.acts}>
          <Button type={first ? 'primary' : 'default'} htmlType="submit" loading={setting.isPending}>
            {say(first ? 'account.setPassword' : 'account.changePassword')}
          </Button>
          {setting.isSuccess && <span role="status">{say('account.passwordSet')}</span>}
        </div>
      </Form>
    </section>
  )
}
