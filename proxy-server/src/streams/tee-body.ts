export interface TeedBody {
  /** For the one who asked, as fast as he reads. */
  readonly stream: ReadableStream<Uint8Array>;
  /** All of it; undefined where it is larger than the limit or broke off. */
  readonly whole: Promise<Uint8Array | undefined>;
}

/**
 * Lets one reader have a body while it is collected. Up to `limit` bytes the origin is read at its own speed, whatever
 * the reader does, even leave; past the limit nothing is collected any more and the reader sets the pace.
 */
export function teeBody(body: ReadableStream<Uint8Array>, limit: number): TeedBody {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let read = 0;
  let size = 0;
  let ended = false;
  let left = false;
  let failure: unknown;
  let wake: (() => void) | undefined;

  async function take(): Promise<void> {
    try {
      const { done, value } = await reader.read();
      if (done) ended = true;
      else {
        chunks.push(value);
        size += value.byteLength;
      }
    } catch (error) {
      failure = error ?? new Error('The origin broke off its answer.');
    }
    wake?.();
  }

  async function collect(): Promise<Uint8Array | undefined> {
    while (!ended && failure === undefined && size <= limit) await take();
    if (ended) return Buffer.concat(chunks);
    if (left) await reader.cancel().catch(() => undefined);
    return undefined;
  }
  const whole = collect();

  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      while (read >= chunks.length && !ended && failure === undefined) {
        if (size > limit) {
          // Nobody else needs what has been read.
          chunks.length = 0;
          read = 0;
          await take();
        } else {
          await new Promise<void>((resume) => {
            wake = resume;
          });
        }
      }
      const chunk = chunks[read];
      if (chunk) {
        read += 1;
        controller.enqueue(chunk);
      } else if (failure !== undefined) controller.error(failure);
      else controller.close();
    },
    async cancel() {
      left = true;
      if (size > limit) await reader.cancel();
    },
  });
  return { stream, whole };
}
