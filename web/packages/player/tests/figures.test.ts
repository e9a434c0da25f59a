import { expect, test } from 'vitest'
import { figuresOf } from '../src/figures.ts'

const report = [
  { id: 'T', type: 'transport', selectedCandidatePairId: 'P2' },
  { id: 'P1', type: 'candidate-pair', state: 'failed', currentRoundTripTime: 9 },
  { id: 'P2', type: 'candidate-pair', state: 'succeeded', currentRoundTripTime: 0.0214, localCandidateId: 'L' },
  { id: 'L', type: 'local-candidate', candidateType: 'relay' },
  { id: 'C', type: 'codec', mimeType: 'video/H264' },
  {
    id: 'V', type: 'inbound-rtp', kind: 'video', codecId: 'C', framesPerSecond: 25, frameWidth: 720, frameHeight: 1280,
    jitter: 0.004, packetsLost: 3, packetsReceived: 197, estimatedPlayoutTimestamp: 10_000, freezeCount: 1,
  },
  { id: 'A', type: 'inbound-rtp', kind: 'audio', jitter: 0.002, packetsLost: 0, packetsReceived: 100, estimatedPlayoutTimestamp: 10_030 },
]

test('one report boils down to the figures a person reads', () => {
  expect(figuresOf(report)).toEqual({
    fps: 25, width: 720, height: 1280, videoJitter: 4, audioJitter: 2, rtt: 21, loss: 1, avOffset: 30, freezes: 1,
    path: 'relay', codec: 'H264',
  })
})

test('before anything arrived nothing is claimed', () => {
  expect(Object.values(figuresOf([]))).toEqual(Array<null>(11).fill(null))
})
