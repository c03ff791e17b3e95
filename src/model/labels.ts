import { z } from 'zod'

/** What a device word of the page means in board types: any one of them, or every one. Empty: no board here is of that kind. */
export const Label = z.union([
  z.strictObject({ anyOf: z.array(z.string()) }),
  z.strictObject({ allOf: z.array(z.string()) }),
])
export type Label = z.infer<typeof Label>

/** `devices/labels.yaml`: label → board types. Labels are matched without regard to case. */
export const LabelFile = z.strictObject({ labels: z.record(z.string(), Label) })
export type Labels = Readonly<Record<string, Label>>

/** Every board type that some word stands for. */
export function typesIn(labels: Labels): string[] {
  return [...new Set(Object.values(labels).flatMap(label => ('allOf' in label ? label.allOf : label.anyOf)))]
}
