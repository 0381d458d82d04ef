import type { LogComparison } from '../../shared/bridge.ts'
import { count } from './counts.ts'
import { figure } from './figures.ts'

type PeerResult = LogComparison['peers'][number]

/** "This log agrees with 3 of 3 peers and with the server at message 1,204." */
export function agreementInWords({ seq, server, peers }: LogComparison): string {
  const compared = peers.filter(({ result }) => result === 'agrees' || result === 'differs')
  if (seq === 0 && compared.length === 0 && server === 'unknown') return 'There is nothing to compare yet.'
  const agreeing = compared.filter(({ result }) => result === 'agrees').length
  const at = `at message ${figure(seq)}`
  const withPeers = `with ${figure(agreeing)} of ${count(compared.length, 'peer')}`
  if (server === 'differs')
    return compared.length === 0
      ? `This log differs from the server’s ${at}.`
      : `This log differs from the server’s ${at}, and agrees ${withPeers}.`
  const server_ = server === 'agrees' ? 'the server' : undefined
  if (compared.length === 0)
    return server_
      ? `This log agrees with ${server_} ${at}. No peer could be compared with.`
      : 'Nobody could be compared with.'
  const and = server_ ? ` and with ${server_}` : ''
  const without = server_ ? '' : ' The server could not be asked.'
  return `This log agrees ${withPeers}${and} ${at}.${without}`
}

/** Whether nobody has said anything else. */
export function isInAgreement({ server, peers }: LogComparison): boolean {
  return server !== 'differs' && peers.every(({ result }) => result !== 'differs')
}

export function peerResultInWords({ result, firstDifference }: PeerResult): string {
  switch (result) {
    case 'agrees':
      return 'Agrees'
    case 'differs':
      return firstDifference === null ? 'Differs' : `Differs from message ${figure(firstDifference)} on`
    case 'apart':
      return 'Holds no message that is here too'
    case 'silent':
      return 'Did not answer'
  }
}
