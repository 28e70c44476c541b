import { Badge } from '../../components/badge';
import { IntentLink } from '../../components/intent-link';
import { Picture } from '../../components/picture';
import { Price } from '../../components/price';
import { Rating } from '../../components/rating';
import type { BadgeKind, ProductCard as ProductCardModel } from './models';

interface ProductCardProps {
  product: ProductCardModel;
  sizes: string;
  /** Its place in a ranking. */
  rank?: number;
  size?: 'card' | 'feature';
  /** The badge that the section's own title already says. */
  without?: BadgeKind;
}

/** A product in a list. The whole card is one target, and its name is the link. */
export function ProductCard({ product, sizes, rank, size = 'card', without }: ProductCardProps) {
  const { name, brand, href, price, rating, soldOut, picture } = product;
  const feature = size === 'feature';
  const badges = product.badges.filter((badge) => badge !== without);
  return (
    <article className="group relative flex h-full flex-col">
      <div
        className={`relative overflow-hidden rounded-card bg-sunken ${feature ? 'md:min-h-0 md:flex-1' : ''}`}
      >
        <Picture
          picture={picture}
          sizes={sizes}
          {...(feature ? {} : { largest: 640 })}
          decorative
          className={`w-full object-cover transition-transform duration-500 ease-out group-hover:scale-[1.03] ${feature ? 'aspect-square md:absolute md:inset-0 md:aspect-auto md:h-full' : 'aspect-square'} ${soldOut ? 'opacity-55' : ''}`}
        />
        {rank !== undefined && (
          <p className="absolute top-0 left-0 grid size-9 place-items-center rounded-br-card bg-ink text-sm font-bold text-page tabular-nums">
            <span className="sr-only">베스트 </span>
            {rank}
            <span className="sr-only">위</span>
          </p>
        )}
      </div>
      <div className={`flex flex-col ${feature ? 'mt-4 gap-1.5' : 'mt-3 gap-1'}`}>
        <p className="text-[0.8125rem] text-muted">{brand}</p>
        <h3 className={`line-clamp-2 font-medium ${feature ? 'text-lg' : 'text-[0.9375rem]'}`}>
          <IntentLink href={href} className="card-link">
            {name}
          </IntentLink>
        </h3>
        <Price price={price} size={size} />
        {rating && <Rating rating={rating} />}
        {(soldOut || badges.length > 0) && (
          <p className="mt-1.5 flex flex-wrap gap-1">
            {soldOut && <Badge kind="soldOut" />}
            {badges.map((badge) => (
              <Badge key={badge} kind={badge} />
            ))}
          </p>
        )}
      </div>
    </article>
  );
}
