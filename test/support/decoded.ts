import type { Decoded } from '../../consumers/events/decoded.ts'

export const detailOf = (decoded: Decoded): string => {
  const broken = decoded.kind === 'stray' ? decoded.broken : decoded.kind === 'student' ? decoded.content : null
  return broken?.kind === 'broken' ? `${decoded.kind} ${broken.detail.split(':')[0]}` : decoded.kind
}
export const contentOf = (decoded: Decoded) => (decoded.kind === 'student' ? decoded.content : null)
export const envelopeOf = (decoded: Decoded) => {
  const content = contentOf(decoded)
  return content?.kind === 'event' ? content.event.envelope : null
}
export const brokenOf = (decoded: Decoded) => {
  const content = contentOf(decoded)
  return content?.kind === 'broken' ? content : null
}
