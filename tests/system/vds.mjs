// SPDX-License-Identifier: Apache-2.0
// Seals (VDS-NC) made without VRX: keys and certificates by the openssl command in ICAO's profile, signatures by Node,
// RFC 8785 by canonicalize.
import { execFileSync } from 'node:child_process';
import { sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';

export const openssl = (folder, ...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

const newKey = (folder, name, curve) =>
  openssl(folder, 'genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-out', `${name}.key`);

// NAME.pem and NAME.key in the folder: an authority (CSCA) of a country.
export function makeAuthority(folder, name, country) {
  newKey(folder, name, 'P-256');
  openssl(folder, 'req', '-x509', '-new', '-key', `${name}.key`, '-subj', `/C=${country}/CN=${name}`, '-days', '3650',
    '-out', `${name}.pem`, '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', '-addext',
    'keyUsage=critical,keyCertSign,cRLSign', '-addext', 'subjectKeyIdentifier=hash');
}

// A document type list with one type: {0, {"NV"}}.
const types = (type) => `2.23.136.1.1.6.2=DER:300902010031041302${Buffer.from(type).toString('hex')}`;

// A signer under the certificate and key at those paths: { key, der, hash }.
export function makeSigner(folder, name, [authority, authorityKey], { country = 'JP', curve = 'P-256', days = 365,
  usage = '2.23.136.1.1.14.2', type = 'NV' } = {}) {
  newKey(folder, name, curve);
  openssl(folder, 'req', '-new', '-key', `${name}.key`, '-subj', `/C=${country}/CN=01`, '-out', `${name}.csr`);
  writeFileSync(join(folder, `${name}.ext`),
    `extendedKeyUsage=critical,${usage}\nauthorityKeyIdentifier=keyid\n${types(type)}\n`);
  openssl(folder, 'x509', '-req', '-in', `${name}.csr`, '-CA', authority, '-CAkey', authorityKey, '-set_serial', '7',
    '-days', String(days), '-extfile', `${name}.ext`, '-outform', 'DER', '-out', `${name}.der`);
  return { key: readFileSync(join(folder, `${name}.key`)), der: readFileSync(join(folder, `${name}.der`)),
    hash: { 'P-256': 256, 'P-384': 384, 'P-521': 512 }[curve] };
}

export const hanakoSealed = {
  hdr: { t: 'icao.vacc', v: 1, is: 'JPN' },
  msg: {
    uvci: 'JP0009990038',
    pid: { n: 'SAPPORO  HANAKO', dob: '1985-04-01', sex: 'F', i: 'TR1234567' },
    ve: [{ des: 'XM68M6', nam: 'Comirnaty', dis: 'RA01.0', vd: [
      { dvc: '2021-06-13', seq: 1, ctr: 'JPN', adm: 'Sapporo City', lot: 'EP2163' },
      { dvc: '2021-07-05', seq: 2, ctr: 'JPN', adm: 'Sapporo City', lot: 'ER7449' }] }],
  },
};

// RFC 4648 §5 with padding.
const base64url = (bytes) => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');

// The seal's text over the data; indent: as JSON.stringify has it.
export function seal(data, { key, der, hash }, indent) {
  const signature = sign(`sha${hash}`, Buffer.from(canonicalize(data)), { key, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ data, sig: { alg: `ES${hash}`, cer: base64url(der), sigvl: base64url(signature) } }, null, indent);
}
