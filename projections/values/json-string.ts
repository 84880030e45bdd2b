/** Text that JSON writes unchanged: no quote, backslash, control character or surrogate, which may be unpaired. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

/** A text as JSON, as `JSON.stringify` writes it; for the texts of events in a third of its time. */
export const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))
