/**
 * Remembers the last so many things, each of which belongs to somebody. When there are too many, the oldest goes of
 * whoever has the most: nobody makes those of others be forgotten.
 */
export class BoundedByOwner<Value> {
  /** By their keys, oldest first. */
  private readonly owned = new Map<string | undefined, Map<string, Value>>();
  private readonly owners = new Map<string, string | undefined>();

  public constructor(private readonly limit: number) {}

  public has(key: string): boolean {
    return this.owners.has(key);
  }

  public get(key: string): Value | undefined {
    return this.owned.get(this.owners.get(key))?.get(key);
  }

  public ownerOf(key: string): string | undefined {
    return this.owners.get(key);
  }

  public set(key: string, value: Value, owner: string | undefined): void {
    this.delete(key);
    const ofOwner = this.owned.get(owner) ?? new Map<string, Value>();
    this.owned.set(owner, ofOwner.set(key, value));
    this.owners.set(key, owner);
    if (this.owners.size > this.limit) {
      this.deleteOne();
    }
  }

  public delete(key: string): void {
    const owner = this.owners.get(key);
    const ofOwner = this.owned.get(owner);
    if (!this.owners.delete(key) || !ofOwner) {
      return;
    }
    ofOwner.delete(key);
    if (ofOwner.size === 0) {
      this.owned.delete(owner);
    }
  }

  /** Deletes all with a value that is not kept. */
  public deleteWhere(isGone: (value: Value) => boolean): void {
    for (const key of [...this.owners.keys()]) {
      if (isGone(this.get(key) as Value)) {
        this.delete(key);
      }
    }
  }

  private deleteOne(): void {
    let most = new Map<string, Value>();
    for (const ofOwner of this.owned.values()) {
      most = ofOwner.size > most.size ? ofOwner : most;
    }
    for (const oldest of most.keys()) {
      return this.delete(oldest);
    }
  }
}
