/** A command cannot go on; the message is for the person at the terminal and names what is wrong and where. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure'
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
