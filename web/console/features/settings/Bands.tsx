/**
 * How many pairs have how much evidence, and two lines that part them: joined, asked, apart. The lines are dragged, or
 * moved by keys like sliders. Heights are logarithmic: of a million pairs, the ten that matter would else not be seen.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import type { BandLines, MatchingRun } from '#modules/matching/contract'
import { useFormats } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './Bands.module.css'

type Histogram = NonNullable<MatchingRun['result']>['histogram']

/** Evidence shown at least, whatever the pairs have; what has less is told in words. */
const shownFrom = -12
const shownTo = 24
const height = 200
const foot = 34
const step = 0.5
/** Room for the numbers at the left. */
const gutter = 44
/** A label that would be cut stands at the other side of its line. */
const labelRoom = 170

const placeOf = (bits: number, to: number, width: number) =>
  gutter + ((bits - shownFrom) / (to - shownFrom)) * (width - gutter)

export function Bands({
  histogram,
  lines,
  onChange,
}: {
  histogram: Histogram
  lines: BandLines
  /** Null: it may only be looked at. */
  onChange: ((lines: BandLines) => void) | null
}) {
  const say = useText()
  const formats = useFormats()
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(720)
  useEffect(() => {
    if (!box.current) return
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)))
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])

  const together = histogram.together ?? []
  const filled = histogram.pairs.flatMap((pairs, at) => (pairs + (together[at] ?? 0) > 0 ? [histogram.from + at] : []))
  const from = shownFrom
  const to = Math.max(shownTo, (filled.at(-1) ?? 0) + 1)
  const most = Math.max(1, ...histogram.pairs.filter((_, at) => histogram.from + at >= from), ...together)
  const x = (bits: number) => placeOf(bits, to, width)
  const y = (pairs: number) => height - (Math.log10(1 + pairs) / Math.log10(1 + most)) * (height - 14)
  const bandOf = (bits: number) => (bits >= lines.joinFrom ? 'joined' : bits >= lines.reviewFrom ? 'asked' : 'apart')
  const bars = histogram.pairs.flatMap((pairs, at) => {
    const bits = histogram.from + at
    return bits < from ? [] : [{ bits, pairs, enough: histogram.enough?.[at] ?? pairs, together: together[at] ?? 0 }]
  })
  const left = histogram.pairs.reduce((sum, pairs, at) => (histogram.from + at < from ? sum + pairs : sum), 0)
  const ticks = powersUpTo(most)
  const move = (line: keyof BandLines, bits: number) => {
    const next = Math.round(Math.max(from, Math.min(to, bits)) / step) * step
    // One line pushes the other before it.
    onChange?.(
      line === 'joinFrom'
        ? { joinFrom: next, reviewFrom: Math.min(lines.reviewFrom, next) }
        : { joinFrom: Math.max(lines.joinFrom, next), reviewFrom: next },
    )
  }
  return (
    <figure className={css.bands}>
      <div ref={box} className={css.box}>
        <svg width={width} height={height + foot} aria-hidden="true">
          {ticks.map((pairs) => (
            <g key={pairs}>
              <line className={css.grid} x1={gutter} x2={width} y1={y(pairs)} y2={y(pairs)} />
              <text className={css.label} x={gutter - 8} y={y(pairs) + 4} textAnchor="end">
                {formats.number(pairs)}
              </text>
            </g>
          ))}
          {bars.map(({ bits, pairs, enough, together: joined }) => {
            const [at, wide] = [x(bits) + 1, Math.max(1, x(bits + 1) - x(bits) - 2)]
            const band = bandOf(bits + 0.5)
            const tops = (of: number) => (of > 0 ? Math.max(2, height - y(of)) : 0)
            return (
              <g key={bits}>
                {joined > 0 && (
                  <rect
                    className={css.together}
                    x={at}
                    y={height - tops(joined)}
                    width={wide}
                    height={tops(joined)}
                    rx={2}
                  />
                )}
                {/* Where too few kinds of facts agree, somebody is asked whatever the score. */}
                {[
                  { of: pairs, band: band === 'joined' && enough < pairs ? 'asked' : band },
                  ...(band === 'joined' && enough < pairs ? [{ of: enough, band }] : []),
                ].map(
                  ({ of, band: tone }) =>
                    of > 0 && (
                      <rect
                        key={tone}
                        className={css[tone]}
                        x={at + wide * 0.15}
                        y={height - tops(of)}
                        width={wide * 0.7}
                        height={tops(of)}
                        rx={2}
                      />
                    ),
                )}
              </g>
            )
          })}
          <line className={css.base} x1={0} x2={width} y1={height} y2={height} />
          {[-10, 0, 10, 20].map((bits) => (
            <text key={bits} className={css.label} x={x(bits)} y={height + 15} textAnchor="middle">
              {formats.signed(bits)}
            </text>
          ))}
          <text className={css.label} x={x(0)} y={height + 30} textAnchor="middle">
            {say('bands.even')}
          </text>
        </svg>
        {(['reviewFrom', 'joinFrom'] as const).map((line) => (
          <Line
            key={line}
            line={line}
            bits={lines[line]}
            width={width}
            to={to}
            onMove={onChange && ((bits) => move(line, bits))}
          />
        ))}
      </div>
      <figcaption className={css.legend}>
        <span>{say('bands.axis')}</span>
        <span>
          <i className={css.togetherSign} />
          {say('bands.together')}
        </span>
        {left > 0 && <span>{say('bands.left', { n: formats.number(left) })}</span>}
      </figcaption>
    </figure>
  )
}

function Line({
  line,
  bits,
  width,
  to,
  onMove,
}: {
  line: keyof BandLines
  bits: number
  width: number
  /** The most evidence in the picture. */
  to: number
  onMove: ((bits: number) => void) | null
}) {
  const say = useText()
  const formats = useFormats()
  const told = formats.number(Math.round(bits * 10) / 10)
  const chance = 1 / (1 + 2 ** -bits)
  const onKeyDown = (event: KeyboardEvent) => {
    const next = {
      ArrowRight: bits + step,
      ArrowUp: bits + step,
      ArrowLeft: bits - step,
      ArrowDown: bits - step,
      PageUp: bits + 10 * step,
      PageDown: bits - 10 * step,
    }[event.key]
    if (next === undefined || !onMove) return
    event.preventDefault()
    onMove(next)
  }
  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.parentElement
    if (!onMove || !box) return
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId)
    else if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const { left } = box.getBoundingClientRect()
    onMove(shownFrom + ((event.clientX - left - gutter) / (width - gutter)) * (to - shownFrom))
  }
  const at = placeOf(Math.max(shownFrom, Math.min(to, bits)), to, width)
  const side = line === 'joinFrom' ? (width - at < labelRoom ? 'left' : 'right') : at < labelRoom ? 'right' : 'left'
  const name = say(line === 'joinFrom' ? 'bands.joinFrom' : 'bands.reviewFrom')
  return (
    <div
      role="slider"
      tabIndex={0}
      className={css.line}
      data-line={line}
      data-side={side}
      style={{ left: at }}
      aria-label={name}
      aria-valuemin={shownFrom}
      aria-valuemax={to}
      aria-valuenow={bits}
      aria-valuetext={say('bands.value', {
        bits: told,
        chance: chance > 0.995 ? say('evidenceParts.nearlySure') : formats.percent(chance),
      })}
      aria-readonly={onMove === null}
      onKeyDown={onKeyDown}
      onPointerDown={onPointer}
      onPointerMove={onPointer}
    >
      <span>
        {name} {told}
      </span>
    </div>
  )
}

/** 1, 10, 100 … as far as they are in the picture; at most four. */
function powersUpTo(most: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_, at) => 10 ** at)
  const every = Math.ceil(powers.length / 4)
  return powers.filter((_, at) => at % every === 0)
}
