/** The seller's text: paragraphs, and lines that begin with a dash as a list. */
export function Description({ paragraphs }: { paragraphs: string[] }) {
  if (paragraphs.length === 0) return null;
  return (
    <section aria-labelledby="description" className="mt-10 md:mt-12">
      <h2 id="description" className="mb-4 text-lg font-bold">
        상품 설명
      </h2>
      <div className="max-w-[38em] space-y-4 leading-[1.75]">
        {paragraphs.map((paragraph) => (
          <Paragraph key={paragraph} text={paragraph} />
        ))}
      </div>
    </section>
  );
}

function Paragraph({ text }: { text: string }) {
  const lines = text.split(/\r?\n/);
  if (lines.every((line) => line.startsWith('- ')))
    return (
      <ul className="list-disc space-y-1 pl-5 marker:text-muted">
        {lines.map((line) => (
          <li key={line}>{line.slice(2)}</li>
        ))}
      </ul>
    );
  return <p className="whitespace-pre-line">{text}</p>;
}
