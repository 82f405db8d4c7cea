import type { CallToolResult, Progress, CreateMessageRequestParams } from 'stateful-mcp-client';
import type { SessionCost } from 'stateful-mcp-local';
import { textsOf } from '../sampling/request-text';

/** The result of a tool as text: its text as it is, the rest named. */
export function resultText({ content, structuredContent }: CallToolResult): string {
  const parts = content.map(block => {
    if (block.type === 'text') {
      return block.text;
    }
    if (block.type === 'resource') {
      return 'text' in block.resource ? block.resource.text : `[resource ${block.resource.uri}]`;
    }
    if (block.type === 'resource_link') {
      return `[resource ${block.uri}]`;
    }
    return `[${block.type}, ${block.mimeType}]`;
  });
  if (parts.length === 0 && structuredContent !== undefined) {
    parts.push(JSON.stringify(structuredContent, null, 2));
  }
  return parts.join('\n') || '(nothing)';
}

/** A sampling request in full: who says what, and the limits of the answer. */
export function samplingText({
  systemPrompt,
  messages,
  maxTokens,
  temperature,
  stopSequences,
}: CreateMessageRequestParams): string {
  const limits = [
    `at most ${maxTokens} tokens`,
    temperature !== undefined && `temperature ${temperature}`,
    stopSequences?.length && `stop at ${stopSequences.map(sequence => JSON.stringify(sequence)).join(', ')}`,
  ]
    .filter(Boolean)
    .join(', ');
  return [
    ...(systemPrompt === undefined ? [] : [`system: ${systemPrompt}`]),
    ...messages.map(message => `${message.role}: ${textsOf(message).join('\n')}`),
    `(${limits})`,
  ].join('\n');
}

/** How far it is: `3/5`, or the number alone without a total. */
export function progressText({ progress, total }: Progress): string {
  return total === undefined ? String(progress) : `${progress}/${total}`;
}

/** What a session has used and would have cost on AgentCore, said to be an estimate. */
export function costText({ cpuMs, peakMemoryBytes, lifetimeMs, estimatedUsd }: SessionCost): string {
  const price = estimatedUsd.toLocaleString('en-US', { maximumSignificantDigits: 2, useGrouping: false });
  const memory = `${Math.round(peakMemoryBytes / 1024 / 1024)} MB`;
  return `$${price} for ${(cpuMs / 1000).toFixed(2)} s of CPU and ${memory} over ${durationText(lifetimeMs)} (estimate of a laptop run)`;
}

/** A duration in words: `8 h`, `14 min 59 s`, `0.4 s`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 10_000) {
    return `${Number((milliseconds / 1000).toFixed(1))} s`;
  }
  const seconds = Math.round(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** A value on one line: strings without quotes, sets of DynamoDB as lists. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  return JSON.stringify(value, (_name, item: unknown) => (item instanceof Set ? [...item] : item)) ?? String(value);
}
