import vue from 'eslint-plugin-vue'
import typescript from 'typescript-eslint'

export default typescript.config(
  { ignores: ['node_modules', 'data', 'renderer/dist'] },
  ...typescript.configs.strictTypeChecked,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: {
      parserOptions: {
        parser: typescript.parser,
        projectService: { allowDefaultProject: ['*.js', 'renderer/vite.config.ts'] },
        extraFileExtensions: ['.vue'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Numbers and enums of states read well in templates.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Methods of contracts and options are passed on by name; none of them uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      // It cannot know that `signal.aborted` changes across an await.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // @fastify/websocket hands out sockets under the type of ws.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An async method without await keeps a contract's promise.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      // An import of types alone would still load its module.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['**/*.vue'],
    rules: {
      // Types of imported components come from vue-tsc, which checks these files.
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // It takes a default in destructured props for one of a plain object.
      '@typescript-eslint/no-useless-default-assignment': 'off',
      // Prettier decides these.
      'vue/html-indent': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multi-word-component-names': 'off',
    },
  },
  {
    // The root component's type comes from vue-tsc too.
    files: ['renderer/main.ts'],
    rules: { '@typescript-eslint/no-unsafe-argument': 'off' },
  },
  { files: ['*.js'], ...typescript.configs.disableTypeChecked },
)
