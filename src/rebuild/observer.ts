import type { ProjectorObserver } from '../../consumers/projector/observer.ts'

const nothing = (): void => {}

/** The events of a rebuild were reported on arrival and are not counted again. */
export const silentObserver: ProjectorObserver = {
  events: nothing,
  visible: nothing,
  deadLetter: nothing,
  misrouted: nothing,
  answerSuperseded: nothing,
  rewound: nothing,
  fenced: nothing,
  lag: nothing,
  fresh: nothing,
  suspects: nothing,
  logBroken: nothing,
  failed: nothing,
  revoked: nothing,
}
