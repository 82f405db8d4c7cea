import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, type CfnResource, type Stage } from 'aws-cdk-lib';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { ExpenseTrackerStack } from '../../bin/expense-tracker-stack';
import { errorOf } from './fixtures/stacks';

// The other test files go without; see setup.ts.
process.env.CDK_VALIDATION = 'true';

const { context } = JSON.parse(readFileSync(path.join(__dirname, '..', '..', 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };

/** The demo app as `cdk synth` sees it: bundled, and held against CloudFormation's schemas with warnings as errors. */
function demoApp(change: (runtime: CfnResource) => void = () => undefined): Stage {
  const app = new App({ context });
  const stack = new ExpenseTrackerStack(app, 'ExpenseTracker');
  change(stack.node.findChild('Server').node.defaultChild as CfnResource);
  return app;
}

test('the demo app is synthesized without an account, and without a message', () => {
  const stack = demoApp().synth().getStackByName('ExpenseTracker');
  expect(stack.environment).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
  expect(stack.messages).toEqual([]);
});

// aws-cdk-lib validates templates from 2.262 on; the oldest that we support is older.
if ('STRICT_CFN_VALIDATE_ERRORS' in cxapi) {
  describe('this would not have passed', () => {
    test('with a property that CloudFormation does not know', () => {
      expect(errorOf(() => demoApp(runtime => runtime.addPropertyOverride('IdleTimeout', 900)).synth())).toContain('IdleTimeout');
    });

    test('with a value out of its range', () => {
      expect(errorOf(() => demoApp(runtime => runtime.addPropertyOverride('LifecycleConfiguration.IdleRuntimeSessionTimeout', 10)).synth()))
        .toContain('IdleRuntimeSessionTimeout');
    });
  });
}
