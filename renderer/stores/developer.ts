import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

const key = 'united.fault-injection'

/** What only those need who test UNITED. Off until it is asked for, and kept on this device. */
export const useDeveloper = defineStore('developer', () => {
  const faults = shallowRef(localStorage.getItem(key) === 'on')

  function allowFaults(allowed: boolean): void {
    faults.value = allowed
    localStorage.setItem(key, allowed ? 'on' : 'off')
  }

  return { faults, allowFaults }
})
