import { resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseOptions, usage } from '../../supervisor/options.ts'

const refused = (args: readonly string[], named: string) =>
  assert.throws(
    () => parseOptions(args),
    (error: Error & { code?: string }) => {
      assert.is(error.code, 'usage')
      assert.match(error.message, named)
      assert.match(error.message, '--help')
      return true
    },
  )

test('without options everything has its default', () => {
  assert.equal(parseOptions([]), {
    help: false,
    port: 7420,
    dataFolder: resolve('data'),
    server: undefined,
    host: undefined,
    profile: 'default',
    cpuPercent: undefined,
    isolations: {},
    lan: true,
  })
})

test('every option is taken', () => {
  const given = ['--port', '0', '--data', '/tmp/somewhere', '--server', 'https://chat.example.org:8443/']
  const looks = ['--host', 'none', '--profile', 'Zoë_2-b', '--help']
  const runs = ['--cpu', '20', '--isolate', 'chat=process', '--isolate=link=thread', '--no-lan']
  const options = parseOptions([...given, ...looks, ...runs])
  assert.equal(options, {
    help: true,
    port: 0,
    dataFolder: '/tmp/somewhere',
    server: 'https://chat.example.org:8443',
    host: 'none',
    profile: 'Zoë_2-b',
    cpuPercent: 20,
    isolations: { chat: 'process', link: 'thread' },
    lan: false,
  })
  for (const host of ['electron', 'browser', 'none'] as const)
    assert.is(parseOptions([`--host=${host}`]).host, host)
  assert.is(parseOptions(['--port', '65535']).port, 65_535)
})

test('every option is in the help text', () => {
  const all = ['port', 'data', 'server', 'host', 'profile', 'low-end', 'cpu', 'isolate', 'no-lan', 'help']
  for (const option of all) assert.match(usage, `--${option} `)
})

test('ports that are none are refused', () => {
  for (const port of ['', ' ', 'abc', '-1', '65536', '1.5', '1e3', '0x10', 'Infinity'])
    refused([`--port=${port}`], 'port')
})

test('hosts that are none are refused', () => {
  for (const host of ['', 'firefox', 'Electron']) refused([`--host=${host}`], 'host')
})

test('names that are no names of a folder are refused', () => {
  for (const profile of ['', '.', '..', '../up', 'a/b', 'a\\b', 'two words', 'x'.repeat(65), 'nul\0'])
    refused([`--profile=${profile}`], 'profile')
})

test('servers that are no addresses are refused', () => {
  for (const server of ['', 'localhost:7420', 'chat.example.org', 'ftp://example.org', 'file:///etc'])
    refused([`--server=${server}`], '--server')
})

test('a folder without a name is refused', () => {
  refused(['--data='], '--data')
})

test('a low-end machine is half a core, or what --cpu says it is', () => {
  assert.is(parseOptions(['--low-end']).cpuPercent, 50)
  assert.is(parseOptions(['--low-end', '--cpu', '12.5']).cpuPercent, 12.5)
})

test('quotas that are no share of a core are refused', () => {
  for (const cpu of ['', '0', '-5', 'half', 'NaN', 'Infinity']) refused([`--cpu=${cpu}`], 'percentage')
})

test('isolations that are none are refused', () => {
  for (const text of ['', 'chat', 'chat=', '=thread', 'chat=fork', 'chat=thread=process'])
    refused([`--isolate=${text}`], '--isolate')
})

test('what is no option is refused', () => {
  refused(['--colour', 'red'], '--colour')
  refused(['surprise'], 'surprise')
  refused(['--port'], 'port')
  refused(['--help=yes'], 'help')
})

test.run()
