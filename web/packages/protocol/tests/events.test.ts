import { expect, test } from 'vitest'
import { parseEvent } from '../src/index.ts'

test('known events are read, others are left alone', () => {
  expect(parseEvent('{"v":1,"type":"state","state":"idle"}')).toEqual({ v: 1, type: 'state', state: 'idle' })
  expect(parseEvent('{"v":1,"type":"dance"}')).toBeNull()
  expect(parseEvent('{"type":"toString"}')).toBeNull()
  expect(parseEvent('null')).toBeNull()
  expect(parseEvent('{')).toBeNull()
})
