import { useMemo } from 'react'
import { encode } from 'uqr'

/** A QR code as one drawing: always dark on white, since scanners want it so. */
export function Qr({ text, label, size: side = 204 }: { text: string; label: string; size?: number }) {
  const { size, path } = useMemo(() => {
    const { data, size } = encode(text, { ecc: 'M', border: 0 })
    const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? `M${x} ${y}h1v1h-1z` : [])))
    return { size, path: dark.join('') }
  }, [text])
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      width={side}
      height={side}
      shapeRendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <path d={path} fill="#1a2c2e" />
    </svg>
  )
}
