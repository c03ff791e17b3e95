import { z } from 'zod'
import { Command } from '../base/program.ts'
import { AccessSpec } from './access.ts'
import { TrustedKeySpec } from './trust.ts'

/** Which driver serves a control, with that driver's own options (checked by the driver). */
export const Wiring = z.looseObject({ driver: z.string().regex(/^[a-z0-9-]+$/, 'a driver name such as serial') })
export type Wiring = z.infer<typeof Wiring>

/** What a console is plugged into, by the innermost of its drivers: a path, or `host:port`. */
export function lineOf({ over, path, host, port }: Wiring): string | undefined {
  if (typeof over === 'object' && over !== null) return lineOf(over as Wiring)
  if (typeof path === 'string') return path
  return typeof host === 'string' ? `${host}:${port as number}` : undefined
}

const Login = z.strictObject({
  user: z.string().default('ghaf'),
  password: z.string().optional(),
  /** Path of a private key for SSH. */
  key: z.string().optional(),
})
export type Login = z.infer<typeof Login>

const ShellWiring = Wiring.extend({
  /** Where it answers; absent: the driver needs no address, since it is this host that is entered. */
  host: z.string().optional(),
  port: z.int().min(1).max(65535).default(22),
  /** Where a connection from outside lands: on the host itself, or in the guest that owns the network card. */
  route: z
    .union([z.literal('direct'), z.string().regex(/^via [a-z0-9-]+$/, "'direct' or 'via <guest>'")])
    .default('direct'),
})

const Install = z.strictObject({
  /** The disk inside the board, as the installer sees it. */
  device: z.string().regex(/^\/dev\/[a-zA-Z0-9._-]+$/, 'a disk such as /dev/nvme0n1'),
  /** With disk encryption. */
  encrypt: z.boolean().default(false),
  /** Named on the command line (`-d`, `-y`), which installers from 2026 on take, instead of at its prompts. */
  unattended: z.boolean().default(false),
  /** For the whole installation. */
  limitMs: z.int().positive().default(1_800_000),
})
export { Install as InstallOrderSchema }
export type InstallOrder = z.infer<typeof Install>

const attribute = z.string().regex(/^[\w.-]+$/, 'an attribute such as packages.x86_64-linux.vm-debug')

/** What is built on a builder, to find out whether the product can be built there. */
const Builds = z.strictObject({
  /** A flake as `nix build` takes it: `github:tiiuae/ghaf`, `git+file:///src/ghaf?rev=…`, `path:/src/ghaf`. */
  flake: z.string().min(1),
  /** The line that it is, where it names a branch of a repository and no commit: `main`. Builds of it then count for that line. */
  line: z.string().optional(),
  /** More words for every `nix` command: `--option`, `--override-input`. */
  options: z.array(z.string()).default([]),
  /** What has a `bin/run-*-vm` in it that starts a virtual machine with its console on standard output. */
  vm: attribute.optional(),
  /** Who may log in on the console of that virtual machine. */
  vmLogin: z.strictObject({ user: z.string(), password: z.string() }).default({ user: 'ghaf', password: 'ghaf' }),
  /** For each step of its way to a login. */
  vmLimitMs: z.int().positive().max(600_000).default(300_000),
  /** Images of a system that is built on a machine of its kind. */
  native: z.array(attribute).default([]),
  /** Images for `aarch64` that are built on another kind of machine without help of one. */
  cross: z.array(attribute).default([]),
  /** Images of a foreign system whose programs run under an emulator while they are built. It may freeze the machine. */
  emulated: z.array(attribute).default([]),
  /** For one build, from nothing. */
  limitMs: z.int().positive().max(3_600_000).default(3_600_000),
})
export type Builds = z.infer<typeof Builds>

/** Programs of this host that update a running board over its network, as `nixos-rebuild --target-host` does. */
const Update = z.strictObject({
  /** Builds another system, copies it to the board, makes it a generation and switches to it. */
  switch: Command,
  /** Switches back to the generation before. */
  rollback: Command,
  /** For each of the two, from nothing. */
  limitMs: z.int().positive().max(3_600_000).default(3_600_000),
})

export const BoardSpec = z.strictObject({
  type: z.string(),
  /** A virtual board standing in for its type. */
  twin: z.boolean().default(false),
  note: z.string().optional(),
  /** The image flashed when no --image is given. */
  images: z.strictObject({ debug: z.string().optional(), release: z.string().optional() }).default({}),
  login: Login.default({ user: 'ghaf' }),
  /** Limits of this unit where its type's do not fit. */
  limitsMs: z
    .strictObject({
      boot: z.int().positive(),
      login: z.int().positive(),
      ssh: z.int().positive(),
      off: z.int().positive(),
    })
    .partial()
    .default({}),
  /** Facts about this unit beside its type's. */
  traits: z.array(z.string()).default([]),
  /** What becomes of it when its lease ends, however that is: switched off, or left as it is. */
  park: z.enum(['off', 'leave']).default('off'),
  /** Absent on a machine that is always on, and only there. */
  power: Wiring.optional(),
  console: Wiring.optional(),
  media: Wiring.optional(),
  flasher: Wiring.optional(),
  /** What to do where a flashed image turns out to be an installer: have it install, and test what it installed. */
  install: Install.optional(),
  shell: ShellWiring.optional(),
  /** How a running board gets another system without being flashed. */
  update: Update.optional(),
  /** On a builder: what to build. */
  builds: Builds.optional(),
})
export type BoardSpec = z.infer<typeof BoardSpec>

/** How the bench's agent looks after its boards by itself. */
const Health = z.strictObject({
  /** A health check of every board that is free and was not checked for so long. */
  everyHours: z.number().positive().optional(),
})
export type HealthCare = z.infer<typeof Health>

export const BenchFile = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'a name such as tampere-1'),
  note: z.string().optional(),
  /** Keys that prove where an image comes from. */
  trust: z.array(TrustedKeySpec).default([]),
  /** Who may do what with the agent of this bench; empty: whoever may open its socket, everything. */
  access: z.array(AccessSpec).default([]),
  health: Health.default({}),
  boards: z
    .record(z.string().regex(/^[a-z0-9-]+$/, 'a board name such as orin-1'), BoardSpec)
    .refine(boards => Object.keys(boards).length > 0, 'names no board'),
})
export type BenchFile = z.infer<typeof BenchFile>

/** The controls a board may be wired to, with the key they have in a bench file. */
export const CONTROL_NAMES = ['power', 'console', 'media', 'flasher', 'shell'] as const
