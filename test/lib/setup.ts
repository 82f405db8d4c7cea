// The newest CDK validates every template that it renders, for seconds in each test file. strict.test.ts does it once,
// and strictly.
process.env.CDK_VALIDATION ??= 'false';
