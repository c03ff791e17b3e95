import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Makes a certificate for `localhost`, signed by itself: the paths of its key and of itself, PEM. Needs openssl. */
export function certificateIn(folder: string, days = 60): [keyPath: string, certPath: string] {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  execFileSync(
    'openssl',
    ['req', '-x509', '-nodes', ...curve, '-keyout', key, '-out', cert, '-days', String(days), ...names],
    {
      stdio: 'ignore',
    },
  )
  return [key, cert]
}
