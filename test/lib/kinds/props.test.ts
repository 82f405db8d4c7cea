// Each prop of each factory gets a value of each kind that it does not take.
import { removeProjects } from '../fixtures/projects';
import { errorOf } from '../fixtures/stacks';
import { FACTORIES } from './factories';
import { VALUES, type Given, type ValueName } from './values';

afterEach(removeProjects);

const PROPS = Object.entries(FACTORIES).flatMap(([factory, [props, make]]) =>
  Object.entries(props).map(([prop, { takes }]) => [factory, prop, takes, make] as const),
);

describe.each(PROPS)('%s, `%s`', (_factory, prop, takes, make) => {
  test.each(Object.keys(VALUES).filter(name => !(takes as readonly string[]).includes(name)))('refuses %s', name => {
    const message = errorOf(() => make({ [prop]: VALUES[name as ValueName] } as Given));
    // Path, name, value, what is allowed and what to do.
    expect(message).toMatch(/^\[Stack\/(?:Server|Assembler)\] (?:\d problems:\n  - )?`/);
    expect(message).toContain(`\`${prop}`);
    expect(message).toMatch(/ (?:is|are) allowed: |is no SecretValue: /);
  });
});
