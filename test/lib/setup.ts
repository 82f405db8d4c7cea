// The newest CDK validates every template that it renders, for seconds in each test file. strict.test.ts does it once,
// and strictly.
process.env.CDK_VALIDATION ??= 'false';

// Each test file loads the modules anew, and with them one listener that removes temporary folders.
process.setMaxListeners(0);

// The CDK says which asset it bundles, straight to stderr.
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = ((...args: Parameters<typeof write>) =>
  /^Bundling asset /.test(String(args[0])) || write(...args)) as typeof write;
