/** Waits for a condition: asks again and again until it holds, and says what it waited for when it never does. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 15_000,
): Promise<void> => {
  const end = performance.now() + withinMs
  for (;;) {
    if (await holds()) return
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
