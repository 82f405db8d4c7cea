import { PropertyInjectors } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * The properties of a construct as the nearest injector of the app makes them, if there is one for its class.
 *
 * The decorator that the constructs of the CDK have for this is not part of its public API.
 */
export function injectedProperties<Props>(uniqueId: string, scope: Construct, id: string, props: Props): Props {
  for (const ancestor of [...scope.node.scopes].reverse()) {
    const injector = PropertyInjectors.hasPropertyInjectors(ancestor)
      ? PropertyInjectors.of(ancestor).for(uniqueId)
      : undefined;
    if (injector !== undefined) {
      return injector.inject(props, { scope, id }) as Props;
    }
  }
  return props;
}
