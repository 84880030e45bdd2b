/**
 * Events hold what publishers write: names with escape sequences that move the cursor, rewrite a line or hide text. Nothing
 * of that reaches a terminal as it is. Control characters and those that turn the direction of writing are shown as JSON
 * writes them (`\\u001b`), so that JSON output says the same as before.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

const shown = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Text of several lines. */
export const visible = (text: string): string => text.replace(HIDDEN, shown)

/** One line: a line break in it is shown, too, so that no event can write a line of its own. */
export const visibleLine = (text: string): string => visible(text).replaceAll('\n', '\\n')

const ESCAPES = /\\(?:u00[01][0-9a-f]|u00[89][0-9a-f]|u007f|u061c|u20[0-6][0-9a-f]|[bfnr\\])/gi

/** A line of JSON that decodes to visible text: each of its control characters is the text of its escape. */
export const shownJson = (line: string): string =>
  visible(line.trimEnd())
    .replace(ESCAPES, (found) => (found === '\\\\' ? found : `\\${found}`))
    .concat('\n')
