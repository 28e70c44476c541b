/** The first thing that a keyboard reaches. */
export function SkipLink() {
  return (
    <a
      href="#content"
      className="fixed top-2 left-2 z-50 -translate-y-20 rounded-full bg-ink px-5 py-3 font-semibold text-page focus:translate-y-0"
    >
      본문으로 건너뛰기
    </a>
  );
}
