import { StreamStateError, type MessageStream, type StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'

/**
 * yamux that survives the end of its connection. It sends the first frame of a new stream from a microtask of its own;
 * where the connection has ended by then, sending throws with nobody there to catch, which would end this process, and
 * with it the connections to peers that nothing brings back while the server is away. What is sent into a connection
 * that has ended is dropped instead: its streams end with it, and say so to whoever uses them.
 */
export function enduringYamux() {
  return (): StreamMuxerFactory => {
    const factory = yamux()()
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => factory.createStreamMuxer(dropping(connection)),
    }
  }
}

function dropping(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection)
  connection.send = (data) => {
    try {
      return send(data)
    } catch (error) {
      if (error instanceof StreamStateError) return false
      throw error
    }
  }
  return connection
}
