/**
 * Events are kept permanently: an event of an old version is read as the newest one. A change that older publishers
 * cannot follow gets a new type (`…v2`) and one step here from the former version. Steps chain, so each is written once
 * and never changed. Every published version keeps its golden file.
 */
export type Upcast = {
  readonly from: string
  readonly to: string
  /** Total: data that makes no sense is passed on for the newest version's validation to refuse. */
  readonly data: (data: unknown) => unknown
}

/** Every type is still in its first version. */
export const UPCASTS: readonly Upcast[] = []

/** The event as its newest version says it. */
export const upcast = (
  event: { readonly type: string; readonly data: unknown },
  steps: readonly Upcast[] = UPCASTS,
): { readonly type: string; readonly data: unknown } => {
  const step = steps.find(({ from }) => from === event.type)
  if (!step) return event
  return upcast({ type: step.to, data: step.data(event.data) }, steps)
}
