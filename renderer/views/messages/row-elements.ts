/** Where rows were in the window, by key, in px from its top. */
export type RowPositions = Map<string, number>

export function rowPositions(list: HTMLElement): RowPositions {
  const positions: RowPositions = new Map()
  for (const [key, row] of rowElements(list)) positions.set(key, row.getBoundingClientRect().top)
  return positions
}

/** The rows in the document, by their key, in shown order. */
export function rowElements(list: HTMLElement): Map<string, HTMLElement> {
  const rows = new Map<string, HTMLElement>()
  for (const row of list.querySelectorAll<HTMLElement>('li[data-key]')) {
    if (row.dataset.key !== undefined) rows.set(row.dataset.key, row)
  }
  return rows
}
