import { readonly, shallowRef, type Ref } from 'vue'

/** Follows a media query for as long as the page lives; call it once per query, at setup of what lives as long. */
export function useMediaQuery(query: string): Readonly<Ref<boolean>> {
  const list = matchMedia(query)
  const matches = shallowRef(list.matches)
  list.addEventListener('change', () => (matches.value = list.matches))
  return readonly(matches)
}
