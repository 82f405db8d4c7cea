import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccountRecovery, FeaturePlan, Mfa, UserPool } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';

/** A user pool whose users an administrator makes, with a second factor that costs nothing. */
export function newUserPool(scope: Construct, id: string, removalPolicy: RemovalPolicy): UserPool {
  // eslint-disable-next-line cdk/no-variable-construct-id -- named by its caller
  const userPool = new UserPool(scope, id, {
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    // Managed login, resource binding and rotation of refresh tokens need it.
    featurePlan: FeaturePlan.ESSENTIALS,
    mfa: Mfa.REQUIRED,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireSymbols: true,
      requireUppercase: true,
    },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
    removalPolicy,
  });
  // Advanced security, and the plan that has it.
  for (const id of ['AwsSolutions-COG3', 'AwsSolutions-COG8']) {
    Validations.of(userPool).acknowledge({
      id,
      reason: 'threat protection needs the plan Plus, which is paid for each user; a second factor is required instead',
    });
  }
  return userPool;
}
