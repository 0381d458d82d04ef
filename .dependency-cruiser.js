/** Who may import whom. The folder says it; this holds it. */
export default {
  forbidden: [
    {
      name: 'runtime-stands-alone',
      comment: 'The actor runtime knows nothing of chat: it could be lifted into another project.',
      severity: 'error',
      from: { path: '^supervisor/runtime/' },
      to: { path: '^(actors|server|shared|renderer|supervisor/(?!runtime/))' },
    },
    {
      name: 'window-knows-shared-only',
      comment: 'The window reaches the rest over the bridge, and nothing of Node is in it.',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/vite.config.ts' },
      to: { path: ['^(actors|server|supervisor|test)/', '^shared/(store|gossip|signature)'] },
    },
    {
      name: 'window-has-no-node',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/vite.config.ts' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'actors-meet-at-contracts',
      comment: 'An actor imports of another actor its contract and nothing else.',
      severity: 'error',
      from: { path: '^actors/([^/]+)/' },
      to: { path: '^actors/([^/]+)/', pathNot: ['^actors/$1/', '^actors/[^/]+/contract\\.ts$'] },
    },
    {
      name: 'server-actors-meet-at-contracts',
      severity: 'error',
      from: { path: '^server/actors/([^/]+)/' },
      to: {
        path: '^server/actors/([^/]+)/',
        pathNot: ['^server/actors/$1/', '^server/actors/[^/]+/contract\\.ts$'],
      },
    },
    {
      name: 'actors-have-no-host',
      comment: 'An actor runs under any supervisor: of the supervisor it knows the runtime alone.',
      severity: 'error',
      from: { path: '^(actors|server/actors)/' },
      to: { path: '^(supervisor/(?!runtime/)|renderer/|server/(?!actors|store|errors))' },
    },
    {
      name: 'shared-depends-on-nothing-here',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(actors|server|supervisor|renderer|test)/' },
    },
    {
      name: 'electron-stays-in-its-folder',
      severity: 'error',
      from: { pathNot: '^(supervisor/electron/|test/)' },
      to: { path: '^node_modules/electron/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that is no entry is dead.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.d\\.ts$',
          '\\.test\\.ts$',
          'actor\\.ts$',
          'pool-worker\\.ts$',
          'vite\\.config\\.ts$',
          'main\\.ts$',
        ],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'renderer/dist' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
