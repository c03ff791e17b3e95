import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './hil.ts'
import { imageOf } from './images.ts'

/**
 * An image that is an installer: Ghaf's with another host name and a `ghaf-installer`, which asks like the real one and
 * copies the disk it runs from. Raw, in this folder.
 */
export function installerImage(folder: string): string {
  const image = join(folder, 'installer.img')
  execFileSync('zstd', ['-qdf', '--sparse', '-o', image, imageOf('ghaf-amd64')])
  const table = JSON.parse(execFileSync('/sbin/sfdisk', ['-J', image], { encoding: 'utf8' })) as {
    partitiontable: { partitions: { start: number }[] }
  }
  const root = `${image}?offset=${table.partitiontable.partitions[1]!.start * 512}`
  const edit = (...commands: string[]): void => {
    for (const command of commands) execFileSync('/sbin/debugfs', ['-w', '-R', command, root], { stdio: 'pipe' })
  }
  const name = join(folder, 'hostname')
  writeFileSync(name, 'ghaf-installer\n')
  edit('rm /etc/hostname', `write ${name} /etc/hostname`)
  edit(`write ${ROOT}src/boot/installer/ghaf-installer /usr/bin/ghaf-installer`)
  edit('sif /usr/bin/ghaf-installer mode 0100755', 'sif /etc/hostname mode 0100644')
  return image
}
