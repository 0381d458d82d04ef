import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

/**
 * Takes the `Function` constructor out of TypeBox. It finds out by trying whether the page may evaluate code, even
 * where its acceleration is switched off, and each try is a violation of the page's policy.
 */
function typeboxWithoutEvaluation(): Plugin {
  let replaced = false
  return {
    name: 'typebox-without-evaluation',
    apply: 'build',
    transform: {
      filter: { id: /typebox\/build\/system\/environment\/evaluate\.mjs$/ },
      handler() {
        replaced = true
        return `
          export function CanEvaluate() { return false }
          export function Evaluate() { throw new EvalError('the window evaluates no code') }
        `
      },
    },
    buildEnd(error) {
      if (!error && !replaced) this.error('TypeBox has moved the file that evaluates code: look for it anew')
    },
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  publicDir: false,
  plugins: [vue(), typeboxWithoutEvaluation()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Nothing is inlined: the page's policy lets it load files of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // It is loaded from this machine, where one file is quicker than several.
    chunkSizeWarningLimit: 1_000,
    target: 'chrome130',
  },
})
