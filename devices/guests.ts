/**
 * The guests of Ghaf images, by the names that their releases gave them; which of them there are is the image's business.
 *
 * Only net-vm's address is fixed: the others' depend on what else is there, and are the host's to resolve.
 * Source: Ghaf documentation, dev/ref/ssh; images of 2024 and 2026.
 */
export const GUESTS: Readonly<Record<string, string>> = {
  'net-vm': '192.168.100.1',
  ...Object.fromEntries(
    [
      ...['gui-vm', 'admin-vm', 'ids-vm', 'audio-vm', 'gpu-vm', 'disp-vm'],
      ...['chromium-vm', 'zathura-vm', 'element-vm', 'gala-vm', 'appflowy-vm'],
      ...['chrome-vm', 'business-vm', 'comms-vm', 'media-vm', 'flatpak-vm'],
    ].map(name => [name, name]),
  ),
}
