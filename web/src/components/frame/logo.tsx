import Link from 'next/link';
import mark from '../../../public/brand/logo.svg';

const SRC: string = mark.src;

/** The way home. */
export function Logo() {
  return (
    <Link href="/" prefetch={false} className="inline-flex min-h-11 items-center gap-2 rounded-sm">
      <img src={SRC} alt="" width={32} height={32} />
      <span className="text-[1.1875rem] font-extrabold tracking-tight">DOA Market</span>
    </Link>
  );
}
