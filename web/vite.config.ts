import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: 'apps/talk',
  base: './', // the page may stand under any path of a reverse proxy
  build: {
    outDir: '../../../src/visavis/static',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080', '/rtc': 'http://127.0.0.1:8080', '/ready': 'http://127.0.0.1:8080' } },
  test: { root: '.', include: ['packages/*/tests/**/*.test.ts', 'apps/*/tests/**/*.test.ts'] },
})
