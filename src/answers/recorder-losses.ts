const SUFFIX = ':lost'

/** The name under which the store keeps how many answers a recorder has lost, and when it last heard of a loss. */
export const lossesOf = (recorder: string): string => `${recorder}${SUFFIX}`

/** The recorder whose losses a name stands for; `null`: the name is a recorder's own. */
export const loserOf = (name: string): string | null => (name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : null)
