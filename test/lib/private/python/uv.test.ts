import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { runUv } from '../../../../lib/private/python/uv';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

test.each(['UV_PROJECT', 'UV_WORKING_DIRECTORY', 'FORCE_COLOR', 'CLICOLOR_FORCE'])(
  '%s of the user does not reach uv, which would look elsewhere or say it in another way',
  name => {
    const folder = project({});
    const program = path.join(folder, 'uv');
    writeFileSync(program, `#!/bin/sh\necho "[$${name}] [$UV_INDEX]"\n`);
    chmodSync(program, 0o755);
    const before = { PATH: process.env.PATH, [name]: process.env[name] };
    Object.assign(process.env, { PATH: `${folder}${path.delimiter}${before.PATH}`, [name]: '/elsewhere' });
    try {
      const run = (env?: NodeJS.ProcessEnv): string => runUv(new Stack(), [], folder, said => said, { env }).trim();
      expect(run()).toBe('[] []');
      expect(run({ ...process.env, UV_INDEX: 'own' })).toBe('[] [own]');
    } finally {
      delete process.env[name];
      Object.entries(before).forEach(([key, value]) => value !== undefined && (process.env[key] = value));
    }
  },
);
