import { studentBody } from '../../test/support/fake-erp-students.ts'
import { startChild } from '../child.ts'
import { median, type Section, spread } from '../report.ts'

const CALLS = 4_000

/** What a call to an ERP costs through single flight, retries, breaker, bulkhead and validation, against a plain one. */
export const fallbackSection = async (rounds: number): Promise<Section> => {
  const instalments = Array.from({ length: 8 }, (_, index) => ({
    due_date: `2026-${String(index + 4).padStart(2, '0')}-10`,
    reference_id: `ref_${index}`,
    details: [{ component_type: 'TUITION_FEE', amount: 1_250 }],
  }))
  const whole = studentBody({ identifier: 'S-1' })
  const body = JSON.stringify({ ...whole, data: { ...whole.data, payment_schedule: instalments } })
  const erp = await startChild('bare-server.ts', Buffer.from(body).toString('base64'))
  const url = `http://127.0.0.1:${erp.said}/fetch-student`
  const plain = await startChild('erp-caller.ts', 'plain', url)
  const client = await startChild('erp-caller.ts', 'client', url)

  const micros = async ({ said }: { readonly said: string }): Promise<number> =>
    Number(await (await fetch(`http://127.0.0.1:${said}/?calls=${CALLS}`)).text()) / CALLS
  const [plains, clients]: [number[], number[]] = [[], []]
  // The first two rounds warm both up.
  for (let round = -2; round < rounds; round += 1) {
    const pair = [await micros(plain), await micros(client)] as const
    if (round < 0) continue
    plains.push(pair[0])
    clients.push(pair[1])
  }
  await Promise.all([erp.stop(), plain.stop(), client.stop()])

  const ratios = plains.map((one, round) => one / clients[round]!)
  return {
    title: 'Fallback: a call to the ERP',
    method: `${rounds} rounds of ${CALLS.toLocaleString('en')} calls in turn, 16 at once, to a server that sends ${body.length} bytes at once. F0 reads the same bytes and believes them; the client shares what is asked twice, keeps deadlines, breaker and bulkhead, and checks the answer.`,
    header: ['contender', 'CPU µs a call'],
    rows: [
      ['F0: http.get, kept-alive', spread(plains, 0)],
      ["the gateway's ERP client", spread(clients, 0)],
    ],
    findings: [`Ratio F0 / client: ${spread(ratios)}.`],
    figures: { fallback_ratio: median(ratios), fallback_micros: median(clients) },
  }
}
