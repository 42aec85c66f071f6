// SPDX-License-Identifier: Apache-2.0
//
// The peer: PostgreSQL with what a careful team would build there. TLS with client certificates, row-level security by
// municipality, personal columns encrypted with pgcrypto, an audit row in the transaction of each read, durable
// commits; one prepared statement and one round trip a read, by pgbench. Where there was a choice it is the faster one:
// raw AES-128-CBC without integrity (decrypt_iv) in place of pgp_sym_decrypt, an audit table without a hash chain,
// buffers that hold everything.
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, threads } from './load.mjs';
import { cacheMebibytes, freePort, keep } from './servers.mjs';

const bin = '/usr/lib/postgresql/15/bin';
const key = '000102030405060708090a0b0c0d0e0f';

const sealed = (text, n) => `seal(${text}, ${n})`;
const opened = (column) => `convert_from(decrypt_iv(substring(${column} FROM 17), k.key, substring(${column} FOR 16), 'aes-cbc'), 'UTF8')`;

const schema = (residents) => `
CREATE EXTENSION pgcrypto;
-- One expression, which is inlined. Invented data need no random vector, only another one for each value.
CREATE FUNCTION seal(plain text, n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT decode(md5(plain || n), 'hex') ||
    encrypt_iv(convert_to(plain, 'UTF8'), decode('${key}', 'hex'), decode(md5(plain || n), 'hex'), 'aes-cbc')
$$;
CREATE TABLE resident (municipality text, addressee text, number bytea, name bytea, kana bytea, born bytea, sex smallint,
  PRIMARY KEY (municipality, addressee));
CREATE TABLE dose (municipality text, addressee text, number smallint, administered_on date, product smallint, lot bytea,
  venue bytea, physician bytea, ticket bytea, administered_by text, PRIMARY KEY (municipality, addressee, number));
CREATE TABLE audit (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
  terminal text NOT NULL, method text NOT NULL, municipality text NOT NULL, addressee text NOT NULL);
INSERT INTO resident SELECT '011002', n::text, ${sealed("'123456789018'", 'n')}, ${sealed("'札幌 花子'", 'n')},
  ${sealed("'サッポロ ハナコ'", 'n')}, ${sealed("'1985-04-01'", 'n')}, 2 FROM generate_series(1, ${residents}) AS n;
INSERT INTO dose SELECT '011002', n::text, d, '2021-06-01'::date + d * 21, 1, ${sealed("'EY2173'", 'n')},
  ${sealed("'さくら内科クリニック'", 'n')}, ${sealed("'佐藤 一郎'", 'n')}, ${sealed("'0000000099'", 'n')}, '011002'
  FROM generate_series(1, ${residents}) AS n, generate_series(1, 3) AS d;
ALTER TABLE resident ENABLE ROW LEVEL SECURITY;
ALTER TABLE dose ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON resident USING (municipality = current_setting('vrx.municipality'));
CREATE POLICY own ON dose USING (municipality = current_setting('vrx.municipality'));
CREATE POLICY own ON audit FOR INSERT WITH CHECK (municipality = current_setting('vrx.municipality'));
CREATE ROLE clerk LOGIN;
ALTER ROLE clerk SET vrx.municipality = '011002';
GRANT SELECT ON resident, dose TO clerk;
GRANT INSERT ON audit TO clerk;
VACUUM ANALYZE;
CHECKPOINT;`;

// :n and :key are parameters of the prepared statement.
const statement = `WITH k AS (SELECT decode(:key, 'hex') AS key), seen AS (INSERT INTO audit (terminal, method, municipality, addressee)
  VALUES (session_user, 'GetHistory', current_setting('vrx.municipality'), :n::text))
SELECT r.addressee, '********' || right(${opened('r.number')}, 4), ${opened('r.name')}, ${opened('r.kana')}, ${opened('r.born')}, r.sex,
  (SELECT array_agg(ROW(d.number, d.administered_on, d.product, ${opened('d.lot')}, ${opened('d.venue')}, ${opened('d.physician')},
    ${opened('d.ticket')}, d.administered_by) ORDER BY d.number)
   FROM dose AS d WHERE d.municipality = r.municipality AND d.addressee = r.addressee)
FROM resident AS r, k WHERE r.addressee = :n::text;
`.replaceAll('\n', ' ');

// As an unprivileged user: PostgreSQL refuses to be root.
const asUser = (program, args) => (process.getuid() === 0
  ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', program, ...args]] : [program, args]);

export async function startPostgres(folder, residents) {
  const home = join(folder, 'postgres');
  const data = join(home, 'data');
  const owner = process.getuid() === 0
    ? (await runProgram('id', ['-u', 'postgres'])).trim() : String(process.getuid());
  mkdirSync(home);
  for (const [from, to] of [['server/certificate.pem', 'server.pem'], ['server/key.pem', 'server.key'], ['ca/certificate.pem', 'ca.pem']]) {
    copyFileSync(join(folder, from), join(home, to));
    chmodSync(join(home, to), 0o600);
    chownSync(join(home, to), Number(owner), Number(owner));
  }
  chownSync(home, Number(owner), Number(owner));
  chmodSync(folder, 0o711);
  await runProgram(...asUser(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-E', 'UTF8', '--locale=C', '-U', 'postgres']), { cwd: home });
  const port = await freePort();
  writeFileSync(join(data, 'pg_hba.conf'), 'local all postgres trust\nhostssl all clerk 127.0.0.1/32 trust clientcert=verify-ca\n');
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: home, max_connections: 300,
    shared_buffers: `${cacheMebibytes}MB`, max_wal_size: '8GB', jit: 'off', ssl: 'on', ssl_min_protocol_version: 'TLSv1.3',
    ssl_cert_file: join(home, 'server.pem'), ssl_key_file: join(home, 'server.key'), ssl_ca_file: join(home, 'ca.pem') };
  const server = keep(...asUser(join(bin, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]), { cwd: home });
  await server.says(/ready to accept connections/);
  writeFileSync(join(home, 'schema.sql'), schema(residents));
  writeFileSync(join(home, 'read.sql'), `\\set n random(1, ${residents})\n${statement}\n`);
  const admin = ['-h', home, '-p', String(port), '-U', 'postgres', '-v', 'ON_ERROR_STOP=1', '-q'];
  await runProgram(join(bin, 'psql'), [...admin, '-f', join(home, 'schema.sql'), 'postgres']);
  const postgres = { ...server, home, port, folder, admin };
  await check(postgres);
  return postgres;
}

const environment = ({ folder }) => ({ ...process.env, PGSSLMODE: 'verify-full',
  PGSSLROOTCERT: join(folder, 'ca', 'certificate.pem'), PGSSLCERT: join(folder, 'system', 'certificate.pem'),
  PGSSLKEY: join(folder, 'system', 'key.pem') });
const connection = ({ port }) => `host=localhost hostaddr=127.0.0.1 port=${port} user=clerk dbname=postgres`;
const rows = ({ admin }) => runProgram(join(bin, 'psql'), [...admin, '-Atc', 'SELECT count(*) FROM audit', 'postgres']).then(Number);

// Does the statement do what it is measured for?
async function check(postgres) {
  const asked = statement.replaceAll(':key', `'${key}'`).replaceAll(':n', '7');
  const said = await runProgram(join(bin, 'psql'), ['-At', '-c', 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', '-c', asked,
    connection(postgres)], { env: environment(postgres) });
  if (!/^t\n7\|\*{8}9018\|札幌 花子\|.*EY2173.*佐藤 一郎/s.test(said) || (await rows(postgres)) !== 1)
    throw new Error(`PostgreSQL does not answer as it should:\n${said}`);
}

// Reads a second with so many connections. pgbench leaves the time of connecting out, but connects within the time that
// it is given: on a machine that is busy with something else it needs more.
export async function loadPostgres(postgres, { connections, seconds }) {
  const before = await rows(postgres);
  const said = await runProgram(join(bin, 'pgbench'), ['-n', '-M', 'prepared', '-c', String(connections), '-j', String(threads), '-T', String(seconds),
    '-D', `key=${key}`, '-f', join(postgres.home, 'read.sql'), connection(postgres)], { env: environment(postgres) });
  const done = Number(/actually processed: (\d+)/.exec(said)?.[1]);
  if (done === 0 && seconds < 60) return loadPostgres(postgres, { connections, seconds: 4 * seconds });
  const rate = Number(/tps = ([\d.]+) \(without/.exec(said)?.[1]);
  if ((await rows(postgres)) - before !== done || !(rate > 0) || !/number of failed transactions: 0 /.test(said))
    throw new Error(`pgbench went wrong:\n${said}`);
  return { rate };
}
