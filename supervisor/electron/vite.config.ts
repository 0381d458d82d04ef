import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** A sandboxed preload cannot import: it is bundled into one CommonJS file beside the window. */
export default defineConfig({
  build: {
    outDir: fileURLToPath(new URL('../../renderer/dist', import.meta.url)),
    emptyOutDir: false,
    lib: {
      entry: fileURLToPath(new URL('./preload.ts', import.meta.url)),
      formats: ['cjs'],
      fileName: () => 'preload.cjs',
    },
    rolldownOptions: { external: ['electron'] },
  },
})
