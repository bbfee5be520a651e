// Colyseus: one room, its own broadcast and a bare echo. It says `seats PORT`, too:
// there `GET /?count=N` reserves N seats and answers with a path a line.
const http = require('http')
const { Server, Room, matchMaker } = require('@colyseus/core')
const { WebSocketTransport } = require('@colyseus/ws-transport')

const BOARD_BYTES = 300
let number = 0n

class Board extends Room {
  onCreate() {
    this.autoDispose = false
    this.setPatchRate(null)
    this.seatReservationTimeout = 120
    this.onMessage('g', () => {
      const board = Buffer.alloc(BOARD_BYTES)
      board.writeBigUInt64BE(++number)
      this.broadcastBytes('b', board)
    })
    this.onMessageBytes('e', (client, message) => client.sendBytes('e', message))
  }
}

async function main() {
  const server = new Server({
    greet: false,
    gracefullyShutdown: false,
    transport: new WebSocketTransport({ pingInterval: 0 }),
  })
  server.define('board', Board)
  await server.listen(0, '127.0.0.1', 4096)
  const seats = http.createServer(async (request, response) => {
    const count = Number(new URL(request.url, 'http://host').searchParams.get('count'))
    const paths = []
    for (let n = 0; n < count; n++) {
      const seat = await matchMaker.joinOrCreate('board', {})
      paths.push(`/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`)
    }
    response.end(paths.join('\n'))
  })
  seats.listen(0, '127.0.0.1', () => {
    console.log(`seats ${seats.address().port}\nready ${server.transport.server.address().port}`)
  })
}

main()
