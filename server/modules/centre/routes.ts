import { masked } from '#modules/members'
import { may } from '#platform/ctx'
import { inTx } from '#platform/db'
import { Refusal } from '#platform/errors'
import { serve, serveLong } from '#platform/http'
import { readSettings } from '#platform/settings'
import { endSession, memberCookie, own, sessionSeconds, speak } from './accounts.ts'
import { cardCode, periodSeconds } from './cards.ts'
import { againSeconds, codeSeconds, phoneOf, proveCode, sendCode, spendCode } from './codes.ts'
import * as contract from './contract.ts'
import { cannotSend, outboxClosed, outboxOff } from './errors.ts'
import { addressesOf, countTry, isFromHere } from './limits.ts'
import { changeProfile, entries, me, orders, profile } from './own.ts'
import * as privacy from './privacy.ts'
import { signIn } from './signing-in.ts'
import { noteCarried, outbox, smsCarrier } from './sms.ts'

/** A refusal that was given back, not thrown, so that what was counted stays. */
function passed<T>(answer: T | Refusal | null): T | null {
  if (answer instanceof Refusal) throw answer
  return answer
}

export const routes = [
  serveLong(contract.readStart, 'anyone', (house, actor) =>
    inTx(house.db, actor, async (ctx) => {
      const { name, country, languages } = await readSettings(ctx)
      return {
        group: name,
        country,
        languages,
        canSend: (await smsCarrier(ctx, house)) !== null,
        sandbox: house.sandbox,
      }
    }),
  ),
  serveLong(
    contract.askCode,
    'anyone',
    async (house, actor, { phone, language }, call) => {
      passed(
        await inTx(house.db, actor, async (ctx) => {
          const provider = (await smsCarrier(ctx, house))?.name
          if (!provider) throw cannotSend()
          return sendCode(ctx, { phone: await phoneOf(ctx, phone), language, from: addressesOf(call), provider })
        }),
      )
      return { validSeconds: codeSeconds, againSeconds }
    },
    { as: 'session' },
  ),
  serveLong(
    contract.signIn,
    'anyone',
    async (house, actor, { phone: written, code, fact, startNew, language, agreed }, call) => {
      const phone = await inTx(house.db, actor, (ctx) => phoneOf(ctx, written))
      // In an act of its own: the try is counted whatever comes after.
      passed(await inTx(house.db, actor, (ctx) => proveCode(ctx, { phone, code, from: addressesOf(call) })))
      const answer = passed(
        await inTx(house.db, actor, async (ctx) => {
          const came = await signIn(ctx, { phone, fact, startNew, language, agreed, from: addressesOf(call) })
          if ('outcome' in came && came.outcome === 'signed_in') await noteCarried(ctx, house, phone)
          return came
        }),
      )!
      if (answer.outcome !== 'signed_in') return answer
      call.setCookie(memberCookie, answer.session, { maxAgeSeconds: sessionSeconds })
      return { outcome: answer.outcome, isNew: answer.isNew }
    },
    { as: 'session' },
  ),
  serve(
    contract.signOut,
    'anyone',
    async (ctx, _input, call) => {
      const session = call.cookies[memberCookie]
      if (session) await endSession(ctx, session)
      call.setCookie(memberCookie, null)
      return {}
    },
    { as: 'session' },
  ),
  serve(contract.readMe, own, (ctx) => me(ctx)),
  serve(contract.readCard, own, async (ctx) => ({ ...(await cardCode(ctx)), periodSeconds })),
  serve(contract.readEntries, own, (ctx, page) => entries(ctx, page)),
  serve(contract.readOrders, own, (ctx, page) => orders(ctx, page)),
  serve(contract.readProfile, own, (ctx) => profile(ctx)),
  serve(contract.changeProfile, own, (ctx, said) => changeProfile(ctx, said)),
  serve(contract.chooseLanguage, own, async (ctx, { language }) => {
    await speak(ctx, language)
    return { language }
  }),
  serve(contract.readPrivacy, own, (ctx, { language }) => privacy.privacy(ctx, language)),
  serve(contract.chooseConsent, own, (ctx, said, call) => privacy.choose(ctx, { ...said, from: addressesOf(call) })),
  serveLong(contract.readHoldings, own, async (house, actor) => {
    const most = { act: 'export', subject: `export ${actor.id}`, most: 5, seconds: 86_400 }
    passed(await inTx(house.db, actor, (ctx) => countTry(ctx, [most])))
    return inTx(house.db, actor, (ctx) => privacy.ownHoldings(ctx))
  }),
  serve(contract.readErasure, own, (ctx) => privacy.ownPreview(ctx)),
  serveLong(contract.askErasureCode, own, async (house, actor, { language }, call) => {
    const phone = await inTx(house.db, actor, (ctx) => privacy.ownPhone(ctx))
    passed(
      await inTx(house.db, actor, async (ctx) => {
        const provider = (await smsCarrier(ctx, house))?.name
        if (!provider) throw cannotSend()
        return sendCode(ctx, { phone, language, from: addressesOf(call), provider })
      }),
    )
    return { validSeconds: codeSeconds, againSeconds, phone: masked('phone', phone) }
  }),
  serveLong(contract.eraseMe, own, async (house, actor, { code }, call) => {
    const phone = await inTx(house.db, actor, (ctx) => privacy.ownPhone(ctx))
    passed(await inTx(house.db, actor, (ctx) => proveCode(ctx, { phone, code, from: addressesOf(call) })))
    return inTx(house.db, actor, async (ctx) => {
      await spendCode(ctx, phone)
      return privacy.eraseMyself(ctx)
    })
  }),
  serve(contract.cancelErasure, own, (ctx) => privacy.stay(ctx)),
  serveLong(
    contract.readOutbox,
    'anyone',
    async (house, actor, { phone, limit }, call) => {
      const administrator = actor.kind !== 'member' && may(actor, 'sandbox.read')
      if (!administrator && !isFromHere(call, house.publicUrl)) throw outboxClosed()
      if (!house.sandbox) throw outboxOff()
      return inTx(house.db, actor, async (ctx) => ({
        messages: (await outbox(ctx, { phone: phone === undefined ? null : await phoneOf(ctx, phone), limit })).map(
          ({ sentAt, ...message }) => ({ ...message, sentAt: sentAt.toISOString() }),
        ),
      }))
    },
    { as: 'look' },
  ),
]
