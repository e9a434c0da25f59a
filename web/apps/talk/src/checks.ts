/** The checks before a talk, in plain words. */

import {
  checkBrowserSupport,
  checkMicrophone,
  type CheckName,
  checkPlace,
  checkSecurePage,
  checkServer,
  type Finding,
} from '@visavis/player'
import type { OpenRoom } from '@visavis/protocol'
import { element, icon, page } from './elements.ts'
import { texts } from './texts.ts'

const ORDER: CheckName[] = ['browser', 'secure', 'microphone', 'server', 'place']

const rows = new Map<CheckName, HTMLElement>()

function row(check: CheckName): HTMLElement {
  let made = rows.get(check)
  if (!made) {
    made = document.createElement('li')
    made.dataset['check'] = check
    rows.set(check, made)
  }
  if (!made.isConnected) page.preflight.append(made)
  return made
}

/** Show one finding; without a verdict: it is being looked at. */
export function showFinding(finding: Finding | { check: CheckName; verdict: 'running' }): void {
  const made = row(finding.check)
  const dot = element('span', 'dot')
  made.className = finding.verdict
  made.dataset['verdict'] = finding.verdict
  delete made.dataset['cause']
  // a server that is not there has no places either: one cause, named once
  if (finding.check === 'server' && finding.verdict === 'failed') row('place').remove()
  if (finding.verdict === 'ok') dot.append(icon('check'))
  if (finding.verdict === 'ok' || finding.verdict === 'running' || !finding.cause) {
    made.replaceChildren(dot, texts.check[finding.check])
    return
  }
  dot.append(icon('alert'))
  made.dataset['cause'] = finding.cause
  const advice = texts.cause[finding.cause]
  const words = element('div', '')
  words.append(element('strong', '', advice.title), element('p', '', advice.cure))
  if (finding.error) words.append(element('code', '', `${finding.error.code} · ${finding.error.message}`))
  made.replaceChildren(dot, words)
}

/** An insecure page has no microphone: one card says both. */
function merged(finding: Finding): Finding {
  return finding.check === 'microphone' && finding.cause === 'insecure_page' ? { check: 'microphone', verdict: 'ok' } : finding
}

/** Run all; resolves with the room (if it was told) and whether a talk can start. */
export async function preflight(language: string): Promise<{ room: OpenRoom | null; clear: boolean }> {
  rows.forEach((made) => made.remove())
  for (const check of ORDER) showFinding({ check, verdict: 'running' })
  const microphone = checkMicrophone()
  const server = checkServer()
  const place = checkPlace(language)
  const findings: Finding[] = [checkBrowserSupport(), checkSecurePage()]
  findings.forEach(showFinding)
  for (const pending of [microphone, server]) {
    const finding = await pending
    findings.push(finding)
    showFinding(merged(finding))
    if (merged(finding) !== finding) row('microphone').remove()
  }
  const { room, ...found } = await place
  const dead = findings.some((finding) => finding.check === 'server' && finding.verdict === 'failed')
  if (!dead) showFinding(found)
  findings.push(found)
  return { room: room ?? null, clear: findings.every((finding) => finding.verdict !== 'failed') }
}
