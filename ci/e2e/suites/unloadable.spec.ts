import { feature } from '../../../fixtures/index.ts'

feature('unloadable')

// A suite that fails while it is read: not even its tests are known.
throw new Error('this suite cannot be loaded')
