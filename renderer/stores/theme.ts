import { defineStore } from 'pinia'
import { shallowRef, watchEffect } from 'vue'
import { useMediaQuery } from '../components/media-query.ts'

export type Theme = 'system' | 'light' | 'dark'
const key = 'united.theme'

/** Light or dark: the system's choice, or the user's own, which is kept on this device. */
export const useTheme = defineStore('theme', () => {
  const choice = shallowRef<Theme>(stored())
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)')

  watchEffect(() => {
    const dark = choice.value === 'system' ? systemDark.value : choice.value === 'dark'
    document.documentElement.classList.toggle('dark', dark)
  })

  function choose(theme: Theme): void {
    choice.value = theme
    localStorage.setItem(key, theme)
  }

  return { choice, choose }
})

function stored(): Theme {
  const value = localStorage.getItem(key)
  return value === 'light' || value === 'dark' ? value : 'system'
}
