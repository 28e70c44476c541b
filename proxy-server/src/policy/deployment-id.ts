const ATTRIBUTE = /data-dpl-id="([^"]{1,64})"/;
/** Next.js writes it on the root element. */
const LOOK_WITHIN = 2_048;

/** The build a page belongs to, where it says so: pages of another build name scripts that are gone. */
export function deploymentOf(html: Uint8Array): string | undefined {
  return ATTRIBUTE.exec(Buffer.from(html.subarray(0, LOOK_WITHIN)).toString('latin1'))?.[1];
}
