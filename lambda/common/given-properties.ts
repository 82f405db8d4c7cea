/**
 * Properties of a custom resource as CloudFormation delivered them, read against the contract with the construct.
 *
 * Whatever is not as it should be is thrown, with its path, what was given, and what is allowed.
 */
export class GivenProperties<T> {
  /**
   * @param refuse - makes the error for what is not as it should be
   * @param prefix - path of these properties in those of the resource, with the dot at its end
   */
  public constructor(
    private readonly properties: Readonly<Record<string, unknown>>,
    private readonly refuse: (message: string) => Error,
    private readonly prefix = '',
  ) {}

  public has(name: keyof T & string): boolean {
    return this.properties[name] !== undefined;
  }

  public text(name: keyof T & string, pattern = /./, allowed = 'a text that is not empty'): string {
    const value = this.properties[name];
    if (typeof value !== 'string' || !pattern.test(value)) {
      throw this.invalid(name, value, allowed);
    }
    return value;
  }

  public optionalText(name: keyof T & string, pattern?: RegExp, allowed?: string): string | undefined {
    return this.has(name) ? this.text(name, pattern, allowed) : undefined;
  }

  public choice<Choice extends string>(name: keyof T & string, choices: readonly Choice[]): Choice {
    const value = this.properties[name];
    const chosen = choices.find(choice => choice === value);
    if (chosen === undefined) {
      throw this.invalid(name, value, choices.map(choice => `"${choice}"`).join(' or '));
    }
    return chosen;
  }

  public list(name: keyof T & string): string[] {
    const value = this.properties[name];
    if (!Array.isArray(value) || value.length === 0 || !value.every(item => typeof item === 'string')) {
      throw this.invalid(name, value, 'a list of at least one text');
    }
    return value;
  }

  /** CloudFormation drops lists without items. */
  public optionalList(name: keyof T & string): string[] {
    return this.has(name) ? this.list(name) : [];
  }

  public record(name: keyof T & string): Record<string, unknown> {
    return this.recordAt(name, this.properties[name]);
  }

  /** A map whose members are read in the same way. */
  public member<Member>(name: keyof T & string): GivenProperties<Member> {
    return new GivenProperties<Member>(this.record(name), this.refuse, `${this.prefix}${name}.`);
  }

  /** A list of maps, at least one. */
  public members<Member>(name: keyof T & string): GivenProperties<Member>[] {
    const value = this.properties[name];
    if (!Array.isArray(value) || value.length === 0) {
      throw this.invalid(name, value, 'a list of at least one map');
    }
    return value.map((item: unknown, index) => {
      const path = `${name}[${index}]`;
      return new GivenProperties<Member>(this.recordAt(path, item), this.refuse, `${this.prefix}${path}.`);
    });
  }

  public texts(name: keyof T & string): Record<string, string> {
    const entries = this.has(name) ? Object.entries(this.record(name)) : [];
    return Object.fromEntries(
      entries.map(([key, value]) => {
        if (typeof value !== 'string') {
          throw this.invalid(`${name}.${key}`, value, 'a text');
        }
        return [key, value];
      }),
    );
  }

  public invalid(name: string, value: unknown, allowed: string): Error {
    return this.refuse(
      `\`${this.prefix}${name}\` is ${JSON.stringify(value)}; ${allowed} is allowed: correct the property`,
    );
  }

  private recordAt(name: string, value: unknown): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.invalid(name, value, 'a map');
    }
    return { ...value };
  }
}
