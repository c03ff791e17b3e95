import { FeatureFile, type Feature } from '../../model/feature.ts'

const row = (id: string, title: string, more: object = {}) => ({
  id,
  title,
  section: 'Development',
  devices: ['x86'],
  maturity: 'integrated',
  suite: `${id}.spec.ts`,
  ...more,
})

/** The rows that the simulation has a board tested for. */
export const SIM_FEATURES: readonly Feature[] = FeatureFile.parse({
  features: [
    row('sim-image', 'Simulated image', { bootsImage: true }),
    row('sim-serial', 'Commands over the console', { requires: ['sim-image'] }),
    row('sim-ssh', 'Commands over SSH', { requires: ['sim-image'] }),
    row('sim-netvm', 'A guest', { requires: ['sim-ssh'] }),
    row('sim-console', 'What the console says', { requires: ['sim-image'] }),
    row('sim-steady', 'It goes on running', { requires: ['sim-ssh'] }),
  ],
}).features
