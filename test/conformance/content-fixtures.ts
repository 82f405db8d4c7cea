// Tools, resources and prompts that answer at once.
import {
  fromJsonSchema,
  ResourceTemplate,
  type CallToolResult,
  type ContentBlock,
  type GetPromptResult,
  type McpServer,
} from '@modelcontextprotocol/server';
import * as z from 'zod';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const SILENCE = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const NO_ARGUMENTS = z.object({});

export function text(value: string): ContentBlock & { type: 'text' } {
  return { type: 'text', text: value };
}

export function registerContent(server: McpServer, era: 'legacy' | 'modern'): void {
  registerTools(server);
  registerResources(server, era);
  registerPrompts(server);
}

function registerTools(server: McpServer): void {
  const tool = (name: string, ...content: ContentBlock[]): void => {
    server.registerTool(name, { description: name, inputSchema: NO_ARGUMENTS }, () => ({ content }));
  };
  const image = { type: 'image' as const, data: PIXEL, mimeType: 'image/png' };
  tool('test_simple_text', text('This is a simple text response for testing.'));
  tool('test_image_content', image);
  tool('test_audio_content', { type: 'audio', data: SILENCE, mimeType: 'audio/wav' });
  tool('test_embedded_resource', {
    type: 'resource',
    resource: {
      uri: 'test://embedded-resource',
      mimeType: 'text/plain',
      text: 'This is an embedded resource content.',
    },
  });
  tool('test_multiple_content_types', text('Multiple content types test:'), image, {
    type: 'resource',
    resource: {
      uri: 'test://mixed-content-resource',
      mimeType: 'application/json',
      text: '{"test":"data","value":123}',
    },
  });
  tool('test_streaming_elicitation', text('ok'));
  server.registerTool('test_error_handling', { description: 'Fails.', inputSchema: NO_ARGUMENTS }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Has a schema of JSON Schema 2020-12.', inputSchema: fromJsonSchema(SCHEMA_2020_12) },
    (args): CallToolResult => ({ content: [text(JSON.stringify(args))] }),
  );
  server.registerTool(
    'test_x_mcp_header',
    {
      description: 'Has an argument that is mirrored in a header.',
      inputSchema: fromJsonSchema<{ region?: string }>(HEADER_SCHEMA),
    },
    ({ region }): CallToolResult => ({ content: [text(`region=${region}`)] }),
  );
}

function registerResources(server: McpServer, era: 'legacy' | 'modern'): void {
  const resource = (name: string, mimeType: string, content: { text: string } | { blob: string }): void => {
    const uri = `test://${name}`;
    server.registerResource(name, uri, { title: name, description: name, mimeType }, () => ({
      contents: [{ uri, mimeType, ...content }],
    }));
  };
  resource('static-text', 'text/plain', { text: 'This is the content of the static text resource.' });
  resource('static-binary', 'image/png', { blob: PIXEL });
  resource('watched-resource', 'text/plain', { text: 'Watched resource content' });
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { title: 'template', mimeType: 'application/json' },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
  if (era === 'legacy') {
    server.server.setRequestHandler('resources/subscribe', () => ({}));
    server.server.setRequestHandler('resources/unsubscribe', () => ({}));
  }
  server.server.setRequestHandler('completion/complete', () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
}

function registerPrompts(server: McpServer): void {
  const user = (...contents: ContentBlock[]): GetPromptResult => ({
    messages: contents.map(content => ({ role: 'user', content })),
  });
  server.registerPrompt('test_simple_prompt', { description: 'Has no arguments.' }, () =>
    user(text('This is a simple prompt for testing.')),
  );
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'Has two arguments.', argsSchema: z.object({ arg1: z.string(), arg2: z.string() }) },
    ({ arg1, arg2 }) => user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Embeds a resource.', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) =>
      user(
        {
          type: 'resource',
          resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
        },
        text('Please process the embedded resource above.'),
      ),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'Embeds an image.' }, () =>
    user({ type: 'image', data: PIXEL, mimeType: 'image/png' }, text('Please analyze the image above.')),
  );
}

const HEADER_SCHEMA = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, level: { type: 'integer' } },
};

const SCHEMA_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};
