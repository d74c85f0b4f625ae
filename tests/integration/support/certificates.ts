import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';

export interface Certificate {
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
}

/** An authority that nobody knows, and certificates that it has signed. */
export interface Authority {
  /** Path of its own certificate, for NODE_EXTRA_CA_CERTS. */
  readonly certificate: string;
  /** For this host, valid from yesterday for so many days; 0 has run out already. */
  sign(host: string, days?: number): Promise<Certificate>;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority in a folder with openssl. */
export async function createAuthority(folder: string): Promise<Authority> {
  const own = { certificate: join(folder, 'ca.pem'), key: join(folder, 'ca.key') };
  const subject = ['-subj', '/CN=Slipway tests'];
  await run(
    'openssl',
    'req',
    '-x509',
    ...KEY,
    ...subject,
    '-days',
    '2',
    '-keyout',
    own.key,
    '-out',
    own.certificate,
  );
  let count = 0;
  return {
    certificate: own.certificate,
    async sign(host, days = 1) {
      const name = join(folder, `leaf-${count++}`);
      const [certificate, key, request] = [`${name}.pem`, `${name}.key`, `${name}.csr`];
      await run('openssl', 'req', '-new', ...KEY, '-subj', `/CN=${host}`, '-keyout', key, '-out', request);
      await writeFile(`${name}.ext`, `subjectAltName=DNS:${host}\n`);
      const by = ['-CA', own.certificate, '-CAkey', own.key, '-CAcreateserial', '-extfile', `${name}.ext`];
      await run('openssl', 'x509', '-req', '-in', request, ...by, '-days', String(days), '-out', certificate);
      return { certificate, key };
    },
  };
}
