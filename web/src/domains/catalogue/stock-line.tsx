const FEW = 5;

/** Says whether it can be had, and counts only when there are few. */
export function StockLine({ stock }: { stock: number }) {
  const { text, dot } = describe(stock);
  return (
    <p className="mt-7 flex items-center gap-2 border-y border-line py-4 text-[0.9375rem]" aria-live="polite">
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      {text}
    </p>
  );
}

function describe(stock: number): { text: string; dot: string } {
  if (stock === 0) return { text: '품절된 상품입니다', dot: 'bg-line-strong' };
  if (stock <= FEW) return { text: `${stock}개 남았습니다`, dot: 'bg-deal' };
  return { text: '재고가 있습니다', dot: 'bg-accent' };
}
