export type BodyRead =
  | { complete: true; bytes: Uint8Array }
  /** Larger than allowed: all of it, still streaming. */
  | { complete: false; stream: ReadableStream<Uint8Array> };

/** Reads a body into memory as long as it stays within `limit`. */
export async function readBody(response: Response, limit: number): Promise<BodyRead> {
  if (!response.body) return { complete: true, bytes: new Uint8Array() };
  const length = response.headers.get('content-length');
  if (Number(length ?? 0) > limit) return { complete: false, stream: response.body };
  // Of a length that is known the runtime takes the whole at once, without a promise for each piece.
  if (length !== null) return { complete: true, bytes: new Uint8Array(await response.arrayBuffer()) };
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { complete: true, bytes: Buffer.concat(chunks) };
    chunks.push(value);
    size += value.byteLength;
    if (size > limit) return { complete: false, stream: resumed(chunks, reader) };
  }
}

function resumed(
  chunks: Uint8Array[],
  reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<void> },
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const early = chunks.shift();
      if (early) return controller.enqueue(early);
      const { done, value } = await reader.read();
      if (done || !value) return controller.close();
      controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  });
}
