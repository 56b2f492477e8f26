/** The course of a number in one small line, its last value a dot. It says nothing that the number beside it doesn't. */
import css from './Spark.module.css'

const [width, height, edge] = [64, 22, 3]

export function Spark({ values, falling }: { values: readonly number[]; falling: boolean }) {
  const most = Math.max(...values, 1)
  const points = values.map((value, index) => ({
    x: edge + (index / Math.max(1, values.length - 1)) * (width - 2 * edge),
    y: height - edge - (value / most) * (height - 2 * edge),
  }))
  const last = points.at(-1)
  if (!last) return null
  return (
    <svg
      className={falling ? `${css.spark} ${css.falling}` : css.spark}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
    >
      <polyline points={points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')} />
      <circle cx={last.x} cy={last.y} r={2} />
    </svg>
  )
}
