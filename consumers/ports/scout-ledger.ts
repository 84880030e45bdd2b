import type { StudentId } from '../../projections/values/ids.ts'
import type { Scouted, ScoutedForStudent, ScoutOutcome, ScoutProof, ScoutReport } from './scouted.ts'

/**
 * The rule that merges scouts' reports into the stored state of one partition, as plain data. Stores in this process
 * use it directly. src/redis/lua/scout.lua implements the same rule; test/contract/store-equivalence compares both.
 *
 * For every order and origin of reports, the stored state is complete for its own range. A range grows only by a report
 * that touches it. Marks only rise. A mark is dropped only with the range below it.
 */
export type ScoutLedger = {
  readonly scouted: Scouted
  readonly marks: ReadonlyMap<StudentId, number>
  readonly proof: (ScoutProof & { readonly untilMs: number }) | null
}

/** @param applied the checkpoint of the report's generation */
export const withReport = (
  stored: ScoutLedger | null,
  report: ScoutReport,
  applied: number | null,
): { readonly ledger: ScoutLedger | null; readonly outcome: ScoutOutcome } => {
  const touching = stored !== null && touches(stored.scouted, report) ? stored : null
  if (touching === null && !report.begins) return { ledger: stored, outcome: { kind: 'apart' } }
  const base = touching && withoutApplied(touching, applied)
  const held = base?.marks.size ?? 0
  if (held + report.marks.size > report.marksAtMost)
    return { ledger: base, outcome: { kind: 'full', applied, marks: held } }

  const marks = new Map(base?.marks)
  for (const [id, offset] of report.marks) marks.set(id, Math.max(offset, marks.get(id) ?? offset))
  const upTo = Math.max(report.upTo, base?.scouted.upTo ?? 0)
  const lowest = Math.min(report.from, base?.scouted.from ?? report.from)
  const scouted: Scouted = {
    identity: report.identity,
    from: Math.max(lowest, Math.min(applied ?? 0, upTo)),
    upTo,
    everybody: Math.max(report.everybody, base?.scouted.everybody ?? -1),
    misrouted: Math.max(report.misrouted, base?.scouted.misrouted ?? -1),
  }
  const { proof } = report
  const isReached = proof !== null && upTo >= proof.end
  return {
    ledger: {
      scouted,
      marks,
      proof: isReached
        ? { end: proof.end, provenAtMs: proof.provenAtMs, untilMs: proof.provenAtMs + proof.boundMs }
        : (base?.proof ?? null),
    },
    outcome: { kind: 'added', applied, marks: marks.size },
  }
}

const touches = (stored: Scouted, { identity, from, upTo }: Scouted): boolean =>
  stored.identity === identity && from <= stored.upTo && upTo >= stored.from

/** What is applied needs no marks; the range shrinks with them. */
const withoutApplied = (ledger: ScoutLedger, applied: number | null): ScoutLedger => {
  const { scouted, marks } = ledger
  const from = Math.min(applied ?? 0, scouted.upTo)
  if (from <= scouted.from) return ledger
  return { ...ledger, scouted: { ...scouted, from }, marks: new Map([...marks].filter(([, offset]) => offset >= from)) }
}

export const scoutedFor = (ledger: ScoutLedger | null, id: StudentId, nowMs: number): ScoutedForStudent | null => {
  if (ledger === null) return null
  const { scouted, marks, proof } = ledger
  return {
    ...scouted,
    mark: marks.get(id) ?? -1,
    proof: proof && nowMs < proof.untilMs ? { end: proof.end, provenAtMs: proof.provenAtMs } : null,
  }
}
