/** Milliseconds before the attempt with that number (0 = the first): 0, 500, 1000, 2000, 4000, 4000, ... */
export function delayBefore(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(4000, 250 * 2 ** attempt)
}

/** Sleep, or less when the network comes back (the browser's `online` event). */
export function pause(milliseconds: number): Promise<void> {
  if (milliseconds === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    window.addEventListener('online', done)
  })
}
