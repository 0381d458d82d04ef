/** V8's names for what is no function, in plain words. */
const plain: Readonly<Partial<Record<string, string>>> = {
  '(root)': 'everything',
  '(program)': 'native code',
  '(garbage collector)': 'garbage collection',
  '(anonymous)': 'anonymous function',
}

/** What a frame is called. */
export function functionName({ name, place }: { name: string; place: string }): string {
  if (name === '(anonymous)' && place === '') return 'native function'
  return plain[name] ?? name
}

/** `crypto verifier 1` of the actor crypto is "verifier 1"; its own thread has the actor's name. */
export function threadName(flame: string, actor: string): string {
  if (flame === actor) return 'Its own thread'
  return flame.startsWith(`${actor} `) ? flame.slice(actor.length + 1) : flame
}
