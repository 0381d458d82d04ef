import { expose } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { parentPort } from 'node:worker_threads'

const api = { echo: async (value: number) => value }
export type PlainEcho = typeof api

if (parentPort) expose(api, nodeEndpoint(parentPort))
