import cdk from 'eslint-cdk-plugin';
import jsdoc from 'eslint-plugin-jsdoc';
import prettier from 'eslint-plugin-prettier';
import tseslint from 'typescript-eslint';

/** What the dialect of this repository refuses, besides what a rule has a name for. */
const DIALECT = [{ selector: 'PrivateIdentifier', message: 'say `private`, as jsii wants it in `lib`' }];

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      'dist-jsii/',
      'dist-release/',
      'assets/',
      'cdk.out/',
      '**/cdk.out/',
      'coverage/',
      'test/**/fixtures/broken/',
      '.jsii',
      '**/*.snapshot/',
      // Compiled with the published package, by `npm run test:languages`.
      'samples/languages/',
    ],
  },
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    plugins: { prettier },
    rules: { 'prettier/prettier': 'error', curly: ['error', 'all'], 'no-restricted-syntax': ['error', ...DIALECT] },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { jsdoc },
    languageOptions: { parserOptions: { project: './tsconfig.dev.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/explicit-member-accessibility': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-duplicate-imports': ['error', { allowSeparateTypeImports: false }],
      'jsdoc/require-hyphen-before-param-description': 'error',
    },
  },
  {
    // Constants are documented for editors, too.
    files: ['{lib,lambda,samples,bench}/**/*.ts', '*/src/**/*.ts'],
    rules: {
      'jsdoc/convert-to-jsdoc-comments': [
        'error',
        {
          contexts: ['Program > VariableDeclaration', 'Program > ExportNamedDeclaration > VariableDeclaration'],
          contextsBeforeAndAfter: [],
          enforceJsdocLineStyle: 'single',
          enableFixer: true,
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...DIALECT,
        { selector: "CallExpression[callee.name='it'], MemberExpression[object.name='it']", message: 'say `test`' },
      ],
    },
  },
  {
    files: ['lib/**/*.ts', 'bin/app.ts', 'bin/expense-tracker-stack.ts'],
    plugins: { cdk },
    rules: { ...cdk.configs.recommended.rules },
  },
  {
    // A mechanism has a file of its own: what it makes belongs to the server that asks for it, its `scope`.
    files: ['lib/private/**/*.ts'],
    rules: { 'cdk/require-passing-this': 'off' },
  },
);
