type Stub = (...args: unknown[]) => unknown

/**
 * An object that has every method: a stub is made at the first use of its name and is an own property from then on,
 * so that later calls pass no proxy.
 */
export function stubsOf(make: (method: string) => Stub): object {
  const maker = new Proxy(Object.create(null) as object, {
    get(_target, name, stubs: object) {
      // A stub named "then" would make a promise of the whole object.
      if (typeof name === 'symbol' || name === 'then') return undefined
      const stub = make(name)
      Object.defineProperty(stubs, name, { value: stub })
      return stub
    },
  })
  return Object.create(maker) as object
}
