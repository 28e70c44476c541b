import type { CSSProperties } from 'react';
import { IntentLink } from '../../components/intent-link';
import { Picture } from '../../components/picture';
import type { BannerModel } from './models';

// On a phone the sides are cut off, so the file has to be wider than the screen.
const SIZES = '(min-width: 80rem) 76rem, (min-width: 48rem) 100vw, 120vw';

/** On a phone the picture is above the words, on a desk behind them. */
export function BannerSlide({ banner, priority }: { banner: BannerModel; priority: boolean }) {
  const { title, subtitle, label, href, picture, theme } = banner;
  const colors = { '--banner': theme.background, '--banner-ink': theme.foreground } as CSSProperties;
  return (
    <article className="banner group" style={colors}>
      <div className="banner-picture">
        <Picture
          picture={picture}
          sizes={SIZES}
          priority={priority}
          decorative
          className="size-full object-cover"
        />
      </div>
      <div className="banner-words">
        <h2 className="banner-title">{title}</h2>
        <p className="mt-2 text-[0.9375rem] leading-relaxed lg:mt-3 lg:text-lg">{subtitle}</p>
        <p className="mt-auto pt-6 md:mt-0 lg:pt-8">
          <IntentLink href={href} className="card-link banner-action">
            {label}
            <svg aria-hidden="true" viewBox="0 0 16 16" className="size-4 fill-none stroke-current stroke-2">
              <path d="M3 8h9.5M8.5 4l4 4-4 4" />
            </svg>
          </IntentLink>
        </p>
      </div>
    </article>
  );
}
