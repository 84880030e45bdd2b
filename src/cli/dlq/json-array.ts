import { print } from '../command/output.ts'

/** One JSON array to stdout, element by element. */
export const jsonArray = () => {
  let count = 0
  return {
    add: async (values: readonly unknown[]): Promise<void> => {
      let text = ''
      for (const value of values) {
        text += `${count === 0 ? '[' : ','}${JSON.stringify(value)}`
        count += 1
      }
      await print(text)
    },
    end: (): Promise<void> => print(count === 0 ? '[]\n' : ']\n'),
  }
}
