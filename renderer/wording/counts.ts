const number = new Intl.NumberFormat('en')

/** "1 peer", "3 peers", "1,200 peers". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number.format(n)} ${n === 1 ? one : many}`
}
