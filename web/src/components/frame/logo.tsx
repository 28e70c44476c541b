import Link from 'next/link';

/** The way home. */
export function Logo() {
  return (
    <Link href="/" prefetch={false} className="inline-flex items-center gap-2.5 rounded-sm">
      <svg aria-hidden="true" viewBox="0 0 32 32" className="size-8">
        <rect width="32" height="32" rx="9" className="fill-ink" />
        <path d="M10 9h5.5a7 7 0 010 14H10z" className="fill-none stroke-page" strokeWidth="3" />
      </svg>
      <span className="text-lg font-extrabold tracking-tight">DOA Market</span>
    </Link>
  );
}
