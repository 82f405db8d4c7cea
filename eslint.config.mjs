import stylistic from '@stylistic/eslint-plugin';
import cdk from 'eslint-cdk-plugin';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/', 'dist-jsii/', 'assets/', 'cdk.out/', '**/cdk.out/', 'coverage/', 'test/**/fixtures/broken/', '.jsii', '**/*.snapshot/'] },
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    extends: [stylistic.configs.customize({ semi: true, quotes: 'single', braceStyle: '1tbs', arrowParens: false })],
    rules: {
      '@stylistic/max-len': ['error', { code: 160, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      '@stylistic/quotes': ['error', 'single', { avoidEscape: true }],
      '@stylistic/max-statements-per-line': ['error', { max: 2 }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.dev.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
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
