import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './styles/index.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app.vue'
import { startStores } from './stores/start.ts'
import { useTheme } from './stores/theme.ts'

const app = createApp(App)
app.use(createPinia())
useTheme()
startStores()
app.mount('#app')
