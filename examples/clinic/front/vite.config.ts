import { defineConfig } from 'vite'

// The server serves ../web at /, so the pages are built there.
export default defineConfig({
  build: { outDir: '../web', emptyOutDir: true, target: 'es2022' },
  server: {
    proxy: {
      '/auth': 'http://127.0.0.1:54321',
      '/rest': 'http://127.0.0.1:54321',
      '/realtime': { target: 'http://127.0.0.1:54321', ws: true },
    },
  },
})
