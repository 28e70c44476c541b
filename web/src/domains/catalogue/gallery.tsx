import { Picture } from '../../components/picture';
import type { PictureModel } from './models';

const SIZES = '(min-width: 80rem) 40rem, (min-width: 48rem) 50vw, 92vw';

/** Pictures in a row that snaps, with a thumbnail for each: plain links to places on the page, no script. */
export function Gallery({ pictures, name }: { pictures: PictureModel[]; name: string }) {
  const several = pictures.length > 1;
  return (
    <section aria-label={`${name} 사진`}>
      <ul className="carousel-track">
        {pictures.map((picture, index) => (
          <li key={picture.base} id={`photo-${index + 1}`} className="w-full shrink-0 snap-center">
            <Picture
              picture={picture}
              sizes={SIZES}
              priority={index === 0}
              className="aspect-square w-full object-cover"
            />
          </li>
        ))}
      </ul>
      {several && (
        <ul className="mt-3 flex gap-2">
          {pictures.map((picture, index) => (
            <li key={picture.base}>
              <a href={`#photo-${index + 1}`} className="block overflow-hidden rounded-lg">
                <Picture
                  picture={picture}
                  sizes="5rem"
                  largest={320}
                  decorative
                  className="size-20 object-cover"
                />
                <span className="sr-only">사진 {index + 1} 보기</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
