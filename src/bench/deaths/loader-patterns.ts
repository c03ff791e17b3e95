import type { TroublePattern } from './pattern.ts'

const NO_BOOT: Pick<TroublePattern, 'severity' | 'code'> = { severity: 'fatal', code: 'product/no-boot' }
const MEDIUM: Pick<TroublePattern, 'severity' | 'code'> = { severity: 'note', code: 'infrastructure/boot-medium' }

/**
 * What boot ROM, firmware, boot loader and the first user space say when a boot fails. Each is matched at the beginning
 * of a line: nobody else writes to the console then.
 *
 * Most lines of failure are none of these: a boot loader tries one source after the other, and a healthy U-Boot says
 * `fatal: no kernel available` on its way. Only what says that it stops is fatal.
 *
 * Source: U-Boot 2023.01 (https://source.denx.de/u-boot/u-boot/-/tree/v2023.01: common/spl/spl.c, common/spl/spl_mmc.c,
 * lib/hang.c, arch/arm/lib/interrupts_64.c, drivers/mmc/mmc.c, disk/part.c, fs/fs.c), EDK II
 * (https://github.com/tianocore/edk2: MdeModulePkg/Universal/BdsDxe, UefiCpuPkg/Library/CpuExceptionHandlerLib,
 * ArmPkg/Library/DefaultExceptionHandlerLib), logs of Jetson boards whose MB1 failed
 * (https://forums.developer.nvidia.com/t/jetson-xavier-nx-devkit-not-booting/142995), systemd v252 units/emergency.service.
 */
export const LOADER_PATTERNS: readonly TroublePattern[] = [
  {
    name: 'boot medium with a read error',
    ...MEDIUM,
    explainsBoot: 3,
    why: 'another source may be tried; what is on the medium was proven there, so its slot, cable or switch is at fault first',
    pattern:
      /(?:spl: )?mmc(?: block)? (?:read error|fail to read)|mmc_load_image_raw_sector: mmc block read error|\*\* Can't read from device |Error reading cluster/,
  },
  {
    name: 'boot medium that does not answer',
    ...MEDIUM,
    explainsBoot: 1,
    why: 'an empty second slot says the same on a healthy board',
    pattern:
      /MMC: no card present|Card did not respond to voltage select|spl: (?:could not find mmc device|mmc init failed)|mmc_init: -\d|MMC Device \d{1,3} not found|No MMC card found|\*\* (?:Can't read partition table|Bad device specification) /,
  },
  {
    name: 'boot loader that found nothing to start',
    ...NO_BOOT,
    why: 'SPL gives up here',
    pattern: /SPL: failed to boot from all boot devices/,
  },
  {
    name: 'boot loader that gave up',
    ...NO_BOOT,
    why: 'it waits for a reset',
    pattern: /### ERROR ### Please RESET the board ###/,
  },
  {
    name: 'boot loader that crashed',
    ...NO_BOOT,
    why: 'it resets, and does the same again',
    pattern: /"(?:Synchronous Abort|Error)" handler, esr 0x/,
  },
  {
    name: 'image that the boot loader refused',
    severity: 'note',
    explainsBoot: 2,
    code: 'product/no-boot',
    why: 'another source may be tried; should none be found, this is why',
    pattern:
      /Bad Linux (?:ARM64|RISCV) Image magic!|Wrong Image (?:Format|Type) for |Bad (?:Magic Number|Header Checksum|Data CRC|hash value)|ERROR: (?:Did not find a cmdline Flattened Device Tree|can't get kernel image|image is not a fdt)|\*\* Unable to read file (?!ubootefi\.var)|\*\* (?:No partition table|Unrecognized filesystem type) |Skipping \S{1,80} for failure retrieving /,
  },
  {
    name: 'firmware that found nothing to start',
    ...NO_BOOT,
    why: 'it waits for a key',
    pattern: /BdsDxe: No bootable option or device was found|No bootable device\./,
  },
  {
    name: 'firmware that crashed',
    ...NO_BOOT,
    why: 'it halts or resets',
    pattern:
      /!!!! (?:X64|IA32) Exception Type - |Synchronous Exception at 0x|SError Exception at 0x|ASSERT(?:_EFI_ERROR \(| \[)/,
  },
  {
    name: 'firmware that failed before it read the image',
    severity: 'fatal',
    code: 'infrastructure/firmware',
    why: "MB1 and MB2 come from the module's own flash chip, and stop at a critical failure",
    pattern:
      /\[\d{4}\.\d{3}\] (?:C> (?:LOADER: Could not read|Fail to load|Task 0x|Error: )|[CE]> Task (?:0x)?[0-9a-f]{1,3} failed)/,
  },
  {
    name: 'system in emergency mode',
    severity: 'fatal',
    code: 'product/no-login',
    why: 'it starts nothing more until a person comes',
    pattern:
      /You are in (?:emergency|rescue) mode\. |Cannot open access to console, the root account is locked\.|Give root password for maintenance/,
  },
  {
    name: 'first stage that found no root file system',
    severity: 'fatal',
    code: 'product/no-login',
    why: 'it offers a shell and waits for a person',
    pattern:
      /An error occurred in stage [12] of the boot process|ALERT! {2}\S{1,120} does not exist\. {2}Dropping to a shell!|Gave up waiting for root (?:file system )?device|dracut-initqueue\[\d{1,8}\]: Warning: Could not boot\./,
  },
]
