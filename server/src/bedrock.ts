// A model of Amazon Bedrock behind `io.sample`. An entry of its own, so that the AWS SDK is bundled with those servers
// only that use it; needs `@aws-sdk/client-bedrock-runtime`.
export { bedrockSampling, type BedrockSampling, type BedrockSamplingOptions } from './bedrock/bedrock-sampling';
