/** Cells as a line that spreadsheets read: RFC 4180, with the line ends of this system's other files. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(quotedCell).join(',')}\n`

const quotedCell = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** For text from outside: a spreadsheet runs text that begins like a formula, and a leading quote prevents it. */
export const csvText = (value: string): string => (/^[=+\-@\t\r]/.test(value) ? `'${value}` : value)
