'use client';

import { useEffect, useState } from 'react';

/** Buttons and a counter for a row that scrolls by itself: rendered only where there is a script to serve them. */
export function CarouselControls({ track, count }: { track: string; count: number }) {
  const [current, setCurrent] = useState<number | null>(null);

  useEffect(() => {
    const element = document.getElementById(track);
    if (!element) return;
    const read = () => setCurrent(Math.round(element.scrollLeft / element.clientWidth));
    read();
    element.addEventListener('scroll', read, { passive: true });
    return () => element.removeEventListener('scroll', read);
  }, [track]);

  if (current === null) return null;

  const go = (step: number) => {
    const element = document.getElementById(track);
    const target = (current + step + count) % count;
    element?.scrollTo({ left: target * element.clientWidth });
  };

  return (
    <div className="carousel-controls">
      <button type="button" aria-label="이전 기획전" aria-controls={track} onClick={() => go(-1)}>
        <Chevron d="M10 3L5 8l5 5" />
      </button>
      <p aria-live="polite" className="min-w-11 text-center text-[0.8125rem] font-semibold tabular-nums">
        <span className="sr-only">기획전 </span>
        {current + 1} / {count}
      </p>
      <button type="button" aria-label="다음 기획전" aria-controls={track} onClick={() => go(1)}>
        <Chevron d="M6 3l5 5-5 5" />
      </button>
    </div>
  );
}

function Chevron({ d }: { d: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 16 16" className="size-4 fill-none stroke-current stroke-2">
      <path d={d} />
    </svg>
  );
}
