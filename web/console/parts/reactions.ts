/** A reaction this far behind is late: somebody misses its effects. */
const lateMilliseconds = 60_000

export const isLate = ({ lagMilliseconds }: { lagMilliseconds: number }) => lagMilliseconds > lateMilliseconds
