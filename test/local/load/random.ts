/** Random choices that are the same in every run with a seed. */
export class Random {
  private state: number;

  public constructor(seed: number) {
    this.state = seed;
  }

  /** From 0 to below 1. */
  public next(): number {
    this.state = (this.state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return this.state / 2 ** 32;
  }

  public below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  public chance(probability: number): boolean {
    return this.next() < probability;
  }

  public pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}
