/** What an assembly does, in the function's log, and what it is at when the time is up. */
export class AssemblyLog {
  private step = 'starting';

  /** What is being done now, as a verb in -ing and its objects. */
  public get currentStep(): string {
    return this.step;
  }

  public begin(step: string): void {
    this.step = step;
    console.log(step);
  }

  public note(event: string): void {
    console.log(event);
  }
}
