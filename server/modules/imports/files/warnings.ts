/** What was read differently from how it stands in the file. Counted by kind: a million odd rows are one line here. */

export interface Warning {
  code: WarningCode
  /** The first row that it concerns, where it concerns rows. */
  row?: number
  count: number
}

export type WarningCode =
  | 'file.mixed_encoding' // a line in another encoding than the rest: read in its own
  | 'file.undecodable' // characters that no encoding explains: U+FFFD stands for them
  | 'file.title_rows' // rows above the header: left out
  | 'file.row_short' // fewer cells than the header: the rest is empty
  | 'file.row_long' // more cells than the header: they are given along
  | 'file.cell_holds_rows' // a quoted cell with what look like rows in it: a quotation mark too many or too few
  | 'file.cell_error' // #N/A and the like: empty
  | 'file.formula_without_value' // the program that wrote the file didn't compute it: empty
  | 'file.merged_cells' // merged below the header: only the first has the value

export class Warnings {
  #byCode = new Map<WarningCode, Warning>()

  add(code: WarningCode, row?: number, count = 1): void {
    const known = this.#byCode.get(code)
    if (known) known.count += count
    else this.#byCode.set(code, row === undefined ? { code, count } : { code, row, count })
  }

  list(): Warning[] {
    return [...this.#byCode.values()].map((warning) => ({ ...warning }))
  }
}
