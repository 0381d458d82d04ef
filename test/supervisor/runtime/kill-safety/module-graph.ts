import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import ts from 'typescript'

/**
 * What a module can load, found without running it: its own sources by their imports, packages by the dependencies
 * that they declare, which are more than they load. A name that is computed where it is imported is not seen.
 */

/** How a module comes to load a package: the file names and packages on the way, the package last. */
export type Route = readonly string[]

interface Found {
  /** A source file, or the folder of a package with a slash at its end. */
  at: URL
  route: Route
}

/**
 * Every package that the module at `entry` can load, with the shortest way to each.
 * @throws Error when an import leads nowhere
 */
export function reachedPackages(entry: URL): Map<string, Route> {
  const packages = new Map<string, Route>()
  const seen = new Set([entry.href])
  const waiting: Found[] = [{ at: entry, route: [label(entry)] }]
  for (let found = waiting.shift(); found; found = waiting.shift()) {
    const { at, route } = found
    const isPackage = at.href.endsWith('/')
    for (const specifier of isPackage ? dependencies(at) : imports(at)) {
      if (isBuiltin(specifier)) continue
      const own = /^\.{0,2}\//.test(specifier)
      const target = own ? new URL(specifier, at) : packageFolder(packageName(specifier), at)
      // Optional and peer dependencies may be absent; what a source file imports may not.
      if (!target && isPackage) continue
      if (!target || !existsSync(target))
        throw new Error(`${at.href} imports ${specifier}, which is not there`)
      if (seen.has(target.href)) continue
      seen.add(target.href)
      const way = [...route, own ? label(target) : packageName(specifier)]
      if (!own && !packages.has(packageName(specifier))) packages.set(packageName(specifier), way)
      waiting.push({ at: target, route: way })
    }
  }
  return packages
}

const label = (file: URL) => file.pathname.split('/').slice(-2).join('/')

/** `@libp2p/webrtc` of `@libp2p/webrtc/some/file`. */
const packageName = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** Looks for a package as Node does: in each `node_modules` upwards. */
function packageFolder(name: string, from: URL): URL | undefined {
  for (let folder = new URL('.', from); ; folder = new URL('..', folder)) {
    const candidate = new URL(`node_modules/${name}/`, folder)
    if (existsSync(new URL('package.json', candidate))) return candidate
    if (folder.href === new URL('..', folder).href) return undefined
  }
}

/** Names of the packages that a package says it needs. */
function dependencies(folder: URL): string[] {
  const manifest = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as Partial<
    Record<'dependencies' | 'optionalDependencies' | 'peerDependencies', Record<string, string>>
  >
  return Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  })
}

/**
 * What a source file names: in imports and re-exports, but for those of types alone, in `import('…')` and `require('…')`,
 * and the modules that it hands to threads, `new URL('….ts', import.meta.url)`.
 */
function imports(file: URL): string[] {
  const specifiers: string[] = []
  const visit = (node: ts.Node): void => {
    const specifier = loads(node)
    if (specifier && ts.isStringLiteralLike(specifier)) specifiers.push(specifier.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file.href, readFileSync(file, 'utf8'), ts.ScriptTarget.ESNext))
  return specifiers
}

/** The expression in which `node` names a module to load. */
function loads(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node)) {
    return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? undefined : node.moduleSpecifier
  }
  if (ts.isExportDeclaration(node)) return node.isTypeOnly ? undefined : node.moduleSpecifier
  if (ts.isCallExpression(node)) {
    const { expression } = node
    const imports = expression.kind === ts.SyntaxKind.ImportKeyword
    const requires = ts.isIdentifier(expression) && expression.text === 'require'
    return imports || requires ? node.arguments[0] : undefined
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL') {
    const [first, base] = node.arguments ?? []
    const toModule = first && ts.isStringLiteralLike(first) && first.text.endsWith('.ts')
    return toModule && base && ts.isPropertyAccessExpression(base) && ts.isMetaProperty(base.expression)
      ? first
      : undefined
  }
  return undefined
}
