import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'

/** A confirmation that comes within this time is not worth a line, in ms. */
const patience = 1_000

/**
 * Whether the line "waiting for the server" is drawn: at once while the server is known to be away, otherwise when a
 * confirmation takes long. Once drawn it stays until nothing waits, so that it does not flicker while an outbox drains.
 *
 * @param oldest id of the first message that waits; undefined when none does
 * @param cut whether the server is known to be away
 */
export function usePendingLine(oldest: () => string | undefined, cut: () => boolean): Readonly<Ref<boolean>> {
  const late = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    [oldest, cut],
    ([id, away]) => {
      clearTimeout(timer)
      if (id === undefined) late.value = false
      else if (away) late.value = true
      else if (!late.value) timer = setTimeout(() => (late.value = true), patience)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
  })

  return computed(() => oldest() !== undefined && (late.value || cut()))
}
