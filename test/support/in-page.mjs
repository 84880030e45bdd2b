// Functions that run in a page of a browser, not in Node.

/** The contrast of every visible element that bears text of its own. */
export const contrasts = () => {
  const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((value) => {
      const share = value / 255
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (from) => {
    for (let at = from; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor)
      if (color.length === 3 || (color[3] ?? 0) > 0.99) return color
    }
    return [255, 255, 255]
  }
  const bearsText = (one) => Array.from(one.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim())
  return Array.from(document.querySelectorAll('body *'))
    .filter((one) => one.offsetParent !== null && bearsText(one))
    .map((one) => {
      const [a, b] = [luminance(parse(getComputedStyle(one).color)), luminance(ground(one))]
      return { text: one.textContent.trim().slice(0, 40), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) }
    })
}

/** What has the focus: the id of its label, else its tag. */
export const focused = () =>
  document.activeElement?.getAttribute('aria-labelledby') ?? document.activeElement?.tagName ?? ''

/** How many elements change over time. */
export const moving = () =>
  Array.from(document.querySelectorAll('*')).filter((one) => !/^0s/.test(getComputedStyle(one).transitionDuration))
    .length

/** Pixels from side to side; more than the screen has means that the page scrolls. */
export const pageWidth = () => document.documentElement.scrollWidth
