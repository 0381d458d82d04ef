import { computed, defineComponent, h } from 'vue'
import { textParts } from '../wording/links.ts'

/**
 * What somebody wrote, to the letter, with web addresses made into links. A render function, because a template
 * would add white space of its own between the parts, which `pre-wrap` shows.
 */
export const MessageText = defineComponent({
  props: { text: { type: String, required: true } },
  setup(props) {
    const parts = computed(() => textParts(props.text))
    return () =>
      h(
        'div',
        { class: 'message-text', dir: 'auto' },
        parts.value.map(({ text, href }) =>
          href === undefined ? text : h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text),
        ),
      )
  },
})
