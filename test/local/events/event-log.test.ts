import { ManualClock } from '../../../local/src/common/clock';
import { EventLog } from '../../../local/src/events/event-log';

test('the last 1000 events are kept, oldest first, each with its time', () => {
  const clock = new ManualClock(0);
  const log = new EventLog(clock);
  const seen = (): string[] =>
    log.entries.map(event => `${event.at.getTime()} ${event.type === 'fault' ? event.fault : ''}`);
  expect(seen()).toEqual([]);
  for (let count = 1; count <= 2500; count++) {
    log.record({ type: 'fault', fault: `fault ${count}`, sessionId: undefined });
    clock.advance(1);
    if (count === 1000 || count === 1001) {
      expect(seen()).toEqual(
        Array.from({ length: 1000 }, (_, index) => `${count - 1000 + index} fault ${count - 999 + index}`),
      );
    }
  }
  expect(seen()).toEqual(Array.from({ length: 1000 }, (_, index) => `${1500 + index} fault ${1501 + index}`));
});
