// SPDX-License-Identifier: Apache-2.0
// Several daemons under one platform: one PKI, one signed directory and permit table, each daemon with its own TLS
// certificates, state and municipalities. Where the test runs as root each has a network namespace of its own, joined to
// this one by a veth pair; otherwise all are on the loopback. What daemons say to each other goes through a relay of the
// test (the endpoint in the directory): it passes bytes on, or refuses, or takes them and says nothing; TLS goes
// through it from end to end.
//
//     const daemons = await Daemons.make({ north: ['sapporo'], south: ['kashiwa'] });
//     daemons.world('south').client('kashiwa-counter')...   worlds as in harness.mjs
//
// A test that wants the messages themselves stands in a daemon's place with its certificate (stand), and brings to it
// what it has taken as another daemon (deliver).
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { connect as open, createServer } from 'node:net';
import { connect, grpc, v1 } from './clients.mjs';
import { codeOf, World } from './harness.mjs';

// Of one daemon; not shared with the others.
const own = new Set(['state', 'metrics.sock', 'vrxd.log', 'copy']);

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

// The way to one daemon's port, for the other daemons.
class Relay {
  constructor(address, target) {
    this.target = target; // () => { host, port }, or null: nobody is there
    this.mode = 'pass';
    this.connections = new Set();
    this.server = createServer((socket) => this.take(socket));
    this.listening = new Promise((resolve, reject) => {
      this.server.on('error', reject);
      this.server.listen(0, address, resolve);
    });
  }

  get port() { return this.server.address().port; }

  take(socket) {
    const target = this.mode === 'refuse' ? null : this.target();
    const pair = { socket, far: null };
    this.connections.add(pair);
    const end = () => {
      this.connections.delete(pair);
      socket.destroy();
      pair.far?.destroy();
    };
    socket.on('error', end).on('close', end);
    if (!target) return end();
    if (this.mode === 'hang') return socket.pause();
    pair.far = open(target.port, target.host);
    pair.far.on('error', end).on('close', end);
    socket.pipe(pair.far).pipe(socket);
    return undefined;
  }

  // 'pass', 'refuse', or 'hang': connections are taken, and nothing comes of them. Those that are open end, or hang too.
  be(mode) {
    this.mode = mode;
    for (const { socket, far } of this.connections) {
      if (mode === 'hang') {
        socket.unpipe();
        far?.unpipe();
        socket.pause();
        far?.pause();
      } else {
        socket.destroy();
        far?.destroy();
      }
    }
  }

  close() {
    this.be('refuse');
    return new Promise((resolve) => { this.server.close(resolve); });
  }
}

// A namespace and the pair of addresses that join it to this one.
class Namespace {
  constructor(number) {
    this.name = `vrx-${process.pid}-${number}`;
    this.link = `vrx${process.pid % 1000000}-${number}`; // at most 15 characters
    const net = `10.201.${process.pid % 250}`;
    this.near = `${net}.${4 * number + 1}`;
    this.address = `${net}.${4 * number + 2}`;
    this.inside = ['ip', 'netns', 'exec', this.name];
    ip('netns', 'add', this.name);
    try {
      ip('link', 'add', this.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name);
      ip('addr', 'add', `${this.near}/30`, 'dev', this.link);
      ip('link', 'set', this.link, 'up');
      for (const args of [['addr', 'add', `${this.address}/30`, 'dev', 'eth0'], ['link', 'set', 'eth0', 'up'],
        ['link', 'set', 'lo', 'up'], ['route', 'add', 'default', 'via', this.near]])
        ip('-n', this.name, ...args);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  cut() { ip('link', 'set', this.link, 'down'); }
  heal() { ip('link', 'set', this.link, 'up'); }
  remove() { ip('netns', 'del', this.name); }
}

// Null where this process may not make one.
function namespaceFor(number) {
  if (process.getuid() !== 0) return null;
  try {
    return new Namespace(number);
  } catch {
    return null;
  }
}

export class Daemons {
  // plan: { daemon: [its towns] }; options: of every world, by daemon those of its own (options.of).
  static async make(plan, options = {}) {
    const daemons = new Daemons();
    try {
      await daemons.build(plan, options);
    } catch (error) {
      await daemons.close().catch(() => {});
      throw error;
    }
    return daemons;
  }

  constructor() {
    this.worlds = new Map(); // by daemon, as the next two
    this.relays = new Map();
    this.namespaces = new Map();
    this.callers = new Map(); // of deliver(), by daemon, its port and certificate
    this.standing = new Map(); // by daemon: ends it
  }

  world(name) { return this.worlds.get(name); }
  relay(name) { return this.relays.get(name); }
  // Whether links can be cut: the daemons have networks of their own.
  get apart() { return this.namespaces.size > 0; }

  async build(plan, { of = {}, ...options }) {
    const names = Object.keys(plan);
    for (const [number, name] of names.entries()) {
      const space = namespaceFor(number);
      if (space) this.namespaces.set(name, space);
      this.makeWorld(name, plan[name], { ...options, ...of[name] }, space);
      const relay = new Relay(space?.near ?? '127.0.0.1', () => this.target(name));
      this.relays.set(name, relay);
      await relay.listening;
    }
    const [first, ...others] = names.map((name) => this.world(name));
    this.platform = first;
    await first.makePlatform(Object.values(plan).flat());
    for (const name of names) await this.makeCertificates(name);
    await this.setDirectory();
    await first.startIssuer();
    for (const world of others) this.share(first, world);
    await Promise.all(names.map((name) => this.world(name).startDaemon()));
    await Promise.all(names.map((name) => this.world(name).makeTenants()));
  }

  makeWorld(name, towns, options, space) {
    const host = space?.address ?? '127.0.0.1';
    this.worlds.set(name, new World({ ...options, towns, server: `server-${name}`, listen: `${host}:0`, host,
      inside: space?.inside, daemon: ['--peer-certificate', `daemon-${name}/certificate.pem`, '--peer-key',
        `daemon-${name}/key.pem`, '--peer-ca', 'ca/certificate.pem', ...(options.daemon ?? [])] }));
  }

  // Where a relay finds the daemon: one that does not run is not there.
  target(name) {
    const { host, port } = this.world(name);
    return this.detours?.get(name) ?? { host, port };
  }

  // Sends what goes to this daemon elsewhere; null: to itself again.
  detour(name, target) {
    this.detours ??= new Map();
    if (target) this.detours.set(name, target);
    else this.detours.delete(name);
  }

  // Brings a request of Peer.Deliver to this daemon, with the certificate in this folder: the response.
  deliver(name, folder, request) {
    const world = this.world(name);
    const key = `${name} ${world.port} ${folder}`;
    if (!this.callers.has(key))
      this.callers.set(key, connect(world.port, world.path(folder), world.path('ca', 'certificate.pem'),
        { host: world.host, operator: '' }));
    return this.callers.get(key).Peer.deliver(request);
  }

  // Takes what the others send to this daemon, with its certificate or the one in that folder. take(request) gives the
  // response; where it throws, nobody is there. Until leave(name).
  async stand(name, take, folder = `server-${name}`) {
    const read = (file) => readFileSync(this.platform.path(folder, file));
    const server = new grpc.Server();
    server.addService(v1.Peer.service, { Deliver: ({ request }, reply) => {
      Promise.resolve(request).then(take).then((response) => reply(null, response),
        () => reply({ code: grpc.status.UNAVAILABLE }));
    } });
    const credentials = grpc.ServerCredentials.createSsl(readFileSync(this.platform.path('ca', 'certificate.pem')),
      [{ cert_chain: read('certificate.pem'), private_key: read('key.pem') }], true);
    const port = await new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    this.standing.set(name, () => server.forceShutdown());
    this.detour(name, { host: '127.0.0.1', port });
    this.relay(name).be('pass'); // ends what is open to the daemon
  }

  leave(name) {
    this.detour(name, null);
    this.relay(name).be('pass');
    this.standing.get(name)?.();
    this.standing.delete(name);
  }

  endpoint(name) { return `${this.namespaces.get(name)?.near ?? '127.0.0.1'}:${this.relay(name).port}`; }

  async makeCertificates(name) {
    const { near, address } = this.namespaces.get(name) ?? {};
    const names = ['DNS:localhost', 'IP:127.0.0.1', ...(near ? [`IP:${near}`, `IP:${address}`] : [])].join(',');
    await this.platform.vrx('pki', 'server', '--ca', 'ca', '--name', names, '--out', `server-${name}`);
    await this.platform.vrx('pki', 'terminal', '--ca', 'ca', '--name', `daemon-${name}`, '--out', `daemon-${name}`);
  }

  // Says where each municipality's daemon is, and with which certificates.
  setDirectory() {
    return this.platform.setDirectory(...[...this.worlds].flatMap(([name, world]) => world.towns.flatMap((town) => [
      '--daemon', [codeOf(town), this.endpoint(name), `server-${name}/certificate.pem`,
        `daemon-${name}/certificate.pem`].join(',')])));
  }

  share(first, world) {
    for (const name of readdirSync(first.folder))
      if (!own.has(name)) symlinkSync(first.path(name), world.path(name));
    mkdirSync(world.path('state'), { mode: 0o700 });
  }

  async close() {
    for (const client of this.callers.values()) client.close();
    for (const name of [...this.standing.keys()]) this.leave(name);
    const worlds = [...this.worlds.values()].reverse(); // the first has the issuer
    const ends = await Promise.allSettled(worlds.map((world) => world.close()));
    for (const relay of this.relays.values()) await relay.close();
    for (const space of this.namespaces.values()) space.remove();
    const failed = ends.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  }
}
