// SPDX-License-Identifier: Apache-2.0
// The transport's test servers as child processes, and grpc-js clients for the echo server whose
// messages are plain Buffers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const binaries = process.env.VRX_BUILD ?? join(root, 'build', 'dev');

export const startEcho = (pki, options) => startServer('echo_server', pki, options);

export async function startServer(program, pki, { clientCa = 'ca.pem', threads = 2 } = {}) {
  const child = spawn(join(binaries, 'tests', program),
    [pki.path('server.pem'), pki.path('server.key'), clientCa ? pki.path(clientCa) : '',
      String(threads)],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let exited = null;
  child.stdout.setEncoding('utf8');
  child.on('exit', (code, signal) => { exited = { code, signal }; });
  const port = await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${program} ended: ${output}`)));
    child.stdout.on('data', (text) => {
      output += text;
      const found = /^port (\d+)$/m.exec(output);
      if (found) resolve(Number(found[1]));
    });
  });
  return {
    port,
    alive: () => exited === null,
    terminate: () => child.kill('SIGTERM'),
    // How it ended and what it printed.
    ended: async () => {
      if (!exited) await once(child, 'exit');
      return { ...exited, output };
    },
    stop: async () => {
      if (!exited) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      return { ...exited, output };
    },
  };
}

const raw = (value) => value;
const method = (path, requestStream = false, responseStream = false) => ({
  path, requestStream, responseStream,
  requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw,
});

export const EchoClient = grpc.makeGenericClientConstructor({
  unary: method('/test.Echo/Unary'),
  inline: method('/test.Echo/Inline'),
  wait: method('/test.Echo/Wait'),
  refuse: method('/test.Echo/Refuse'),
  peer: method('/test.Echo/Peer'),
  cancelled: method('/test.Echo/Cancelled'),
  collect: method('/test.Echo/Collect', true, false),
  spread: method('/test.Echo/Spread', false, true),
  unknown: method('/test.Echo/Unknown'),
}, 'Echo');

export const credentialsOf = (pki, certificate = 'terminal') => (certificate
  ? grpc.credentials.createSsl(pki.read('ca.pem'), pki.read(`${certificate}.key`),
      pki.read(`${certificate}.pem`))
  : grpc.credentials.createSsl(pki.read('ca.pem')));

export function clientOf(pki, port, { certificate = 'terminal', options = {} } = {}) {
  return new EchoClient(`localhost:${port}`, credentialsOf(pki, certificate), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    ...options,
  });
}

// One unary call; the error is returned, not thrown.
export function call(client, name, message, { deadline, metadata = new grpc.Metadata() } = {}) {
  return new Promise((resolve) => {
    client[name](message, metadata, deadline ? { deadline: Date.now() + deadline } : {},
      (error, reply) => resolve({ error, reply }));
  });
}

export const u32 = (...numbers) => {
  const buffer = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, i) => buffer.writeUInt32BE(number, 4 * i));
  return buffer;
};

export { grpc };
