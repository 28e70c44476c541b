import { BannerSlide } from './banner-slide';
import { CarouselControls } from './carousel-controls';
import type { BannerModel } from './models';

const TRACK = 'banners';

/** Banners side by side in a row that snaps. Scrolling needs no script; the buttons appear when there is one. */
export function BannerCarousel({ banners }: { banners: BannerModel[] }) {
  return (
    <section aria-roledescription="캐러셀" aria-label="기획전" className="relative">
      <ul id={TRACK} className="carousel-track">
        {banners.map((banner, index) => (
          <li
            key={banner.id}
            aria-roledescription="슬라이드"
            aria-label={`${banners.length}개 중 ${index + 1}번째`}
            className="w-full shrink-0 snap-center"
          >
            <BannerSlide banner={banner} priority={index === 0} />
          </li>
        ))}
      </ul>
      {banners.length > 1 && <CarouselControls track={TRACK} count={banners.length} />}
    </section>
  );
}
