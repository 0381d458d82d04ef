import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { TSchema } from 'typebox'
import {
  controlEvents,
  controlRequests,
  httpRoutes,
  LoginBody,
  RefreshBody,
  RegisterBody,
} from '../shared/control.ts'
import { MessageEnvelope } from '../shared/envelope.ts'
import { limits } from '../shared/limits.ts'

/** `npm run docs`: writes the tables of protocol.md from the schemas that both ends check by. */
const file = fileURLToPath(new URL('./protocol.md', import.meta.url))

/** What a schema says of itself, as far as a table tells it. */
type Described = TSchema & {
  type?: string
  properties?: Record<string, Described>
  items?: Described
  anyOf?: Described[]
  const?: unknown
}

function typeOf(schema: Described): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`
  if (schema.type === 'object' && schema.properties) return `{ ${Object.keys(schema.properties).join(', ')} }`
  return schema.type ?? 'bytes'
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const fieldsOf = (schema: Described) =>
  Object.entries(schema.properties ?? {}).map(([name, field]) => [`\`${name}\``, typeOf(field)])

const sections: Record<string, string> = {
  envelope: table(['field', 'type'], fieldsOf(MessageEnvelope)),
  control: [
    table(
      ['request', 'params', 'result'],
      Object.entries(controlRequests).map(([name, { params, result }]) => [
        `\`${name}\``,
        typeOf(params),
        typeOf(result),
      ]),
    ),
    table(
      ['event', 'data'],
      Object.entries(controlEvents).map(([name, data]) => [`\`${name}\``, typeOf(data)]),
    ),
  ].join('\n\n'),
  http: table(
    ['route', 'body'],
    [
      [`GET ${httpRoutes.health}`, ''],
      [`POST ${httpRoutes.register}`, typeOf(RegisterBody)],
      [`POST ${httpRoutes.login}`, typeOf(LoginBody)],
      [`POST ${httpRoutes.refresh}`, typeOf(RefreshBody)],
    ],
  ),
  limits: table(
    ['limit', 'value'],
    Object.entries(limits).map(([name, value]) => [
      `\`${name}\``,
      typeof value === 'number' ? String(value) : `${value.min} to ${value.max}`,
    ]),
  ),
}

/** The document with every marked part written anew. */
export function generated(): string {
  return readFileSync(file, 'utf8').replace(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_whole, open: string, name: string, close: string) => `${open}\n${sections[name] ?? ''}\n\n${close}`,
  )
}

if (import.meta.main) writeFileSync(file, generated())
