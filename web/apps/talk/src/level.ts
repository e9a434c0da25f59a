/** How loud the visitor is, drawn as a disc behind the microphone sign: proof that the right device is open. */

import { page } from './elements.ts'

let context: AudioContext | null = null
let timer: ReturnType<typeof setInterval> | undefined
let watched: MediaStreamTrack | null = null

export function watchLevel(track: MediaStreamTrack | null): void {
  if (track === watched) return
  watched = track
  clearInterval(timer)
  void context?.close()
  context = null
  page.mic.style.setProperty('--level', '0')
  if (!track) return
  context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    const rms = Math.hypot(...samples) / Math.sqrt(samples.length)
    // -50 dBFS..-15 dBFS fills the button
    const level = Math.min(1, Math.max(0, (20 * Math.log10(rms + 1e-6) + 50) / 35))
    page.mic.style.setProperty('--level', level.toFixed(2))
  }, 90)
}
