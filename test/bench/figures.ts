import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'

/** One number that a bench has measured, beside its reference from the same run where there is one. */
export interface Figure {
  name: string
  value: number
  unit: string
  reference?: number
  reference_name?: string
  /** value / reference */
  ratio?: number
}

export interface Report {
  name: string
  machine: Record<string, string | number>
  figures: Figure[]
}

export function report(name: string, figures: Figure[]): Report {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${release()}`,
    node: process.version,
  }
  return { name, machine, figures }
}

export function figure(name: string, value: number, unit: string): Figure {
  return { name, value: rounded(value), unit }
}

export function beside(name: string, value: number, unit: string, reference: number, of: string): Figure {
  return {
    ...{ name, value: rounded(value), unit, reference: rounded(reference), reference_name: of },
    ratio: rounded(value / reference),
  }
}

/** The value below which the share `p` (0 to 1) of the samples lies. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]
  if (value === undefined) throw new Error('no samples')
  return value
}

/** For people: a line for each figure. */
export function print({ name, machine, figures }: Report): void {
  console.log(`${name} on ${machine['cpu']}, ${machine['cores']} cores, ${machine['node']}`)
  for (const { name: figure, value, unit, reference, reference_name, ratio } of figures) {
    const beside = reference === undefined ? '' : `   ${reference_name}: ${reference} ${unit}, ratio ${ratio}`
    console.log(`  ${figure.padEnd(20)} ${String(value).padStart(10)} ${unit}${beside}`)
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
