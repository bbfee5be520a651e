// Node's ws: one send for every client.
const { WebSocketServer, WebSocket } = require('ws')

const BOARD_BYTES = 300
let number = 0n

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096, perMessageDeflate: false }, () => {
  console.log(`ready ${server.address().port}`)
})
server.on('connection', (socket) => {
  socket.on('message', () => {
    const board = Buffer.alloc(BOARD_BYTES)
    board.writeBigUInt64BE(++number)
    for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.send(board, { binary: true })
  })
})
