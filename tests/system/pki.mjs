// SPDX-License-Identifier: Apache-2.0
// A small PKI for one test run, made with the openssl command so that the tests do not lean on VRX's
// own certificate maker: two authorities, a server, and terminals good and bad.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const openssl = (folder, args) =>
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

function authority(folder, name) {
  openssl(folder, ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', `/CN=${name}`,
    '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0',
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign']);
}

function leaf(folder, name, ca, extensions, days = '30') {
  openssl(folder, ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`]);
  writeFileSync(join(folder, `${name}.ext`), `keyUsage=critical,digitalSignature\n${extensions}\n`);
  openssl(folder, ['x509', '-req', '-in', `${name}.csr`, '-CA', `${ca}.pem`, '-CAkey', `${ca}.key`,
    '-CAcreateserial', '-out', `${name}.pem`, '-days', days, '-extfile', `${name}.ext`]);
}

export function makePki() {
  const folder = mkdtempSync(join(tmpdir(), 'vrx-pki-'));
  authority(folder, 'ca');
  authority(folder, 'stranger-ca');
  leaf(folder, 'server', 'ca',
    'extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1');
  leaf(folder, 'terminal', 'ca', 'extendedKeyUsage=clientAuth');
  leaf(folder, 'stranger', 'stranger-ca', 'extendedKeyUsage=clientAuth');
  leaf(folder, 'purposeless', 'ca', 'subjectKeyIdentifier=hash');
  leaf(folder, 'expired', 'ca', 'extendedKeyUsage=clientAuth', '-1');
  const path = (name) => join(folder, name);
  return {
    folder,
    path,
    read: (name) => readFileSync(path(name)),
    // SHA-256 of the SubjectPublicKeyInfo, computed by openssl.
    spki: (name) => {
      const der = execFileSync('sh', ['-c',
        `openssl x509 -in ${path(`${name}.pem`)} -noout -pubkey | openssl pkey -pubin -outform DER` +
        ' | openssl dgst -sha256 -binary']);
      return der;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
