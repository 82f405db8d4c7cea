import type { Clock } from '../../../local/src/common/clock';

/** A process that listens and ends when the test says so. */
export class HeldProcess {
  public alive = true;
  public isReachable = true;
  public readonly output = { flush: jest.fn() };
  public readonly stop = jest.fn<void, [graceMs: number, clock: Clock]>();
  public readonly kill = jest.fn();
  public readonly ended: Promise<void>;
  public readonly exited: Promise<void>;
  private endIt = (): void => {};
  private exitIt = (): void => {};

  public constructor(public readonly isOnlyOne = false) {
    this.ended = new Promise(resolve => {
      this.endIt = resolve;
    });
    this.exited = new Promise(resolve => {
      this.exitIt = resolve;
    });
  }

  public reachable(): Promise<boolean> {
    return Promise.resolve(this.isReachable);
  }

  /** Ends, with output that is still read. */
  public end(): void {
    this.alive = false;
    this.endIt();
  }

  public exit(): void {
    this.end();
    this.exitIt();
  }
}
