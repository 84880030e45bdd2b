/** Draws ranks 0 … count − 1, rank r with a chance proportional to 1 / (r + 1): few are asked for often, most hardly ever. */
export const zipf = (count: number, random: () => number): (() => number) => {
  const upTo = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank += 1) {
    sum += 1 / (rank + 1)
    upTo[rank] = sum
  }
  return () => {
    const drawn = random() * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (upTo[middle]! > drawn) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** Each rank a student of its own, and neighbours in rank no neighbours in number. */
export const scattered = (rank: number, count: number): number => (rank * stepFor(count) + 17) % count

/** A prime, so that it shares no factor with a count that it does not divide. */
const stepFor = (count: number): number => (count % 7919 === 0 ? 7907 : 7919)
