import { preload } from 'react-dom';
import type { PictureModel } from '../domains/catalogue/models';
import { fallbackFile, srcset } from './srcset';

interface PictureProps {
  picture: PictureModel;
  /** How wide it is laid out, in the words of the `sizes` attribute. */
  sizes: string;
  /** The widest file that this place can use. */
  largest?: number;
  /** The page's largest picture: fetched first. Every other one waits until it is near the screen. */
  priority?: boolean;
  className?: string;
  /** Where text beside the picture already says what it shows. */
  decorative?: boolean;
}

/** An image in the best format and size for the screen, in a box that is reserved and tinted before it arrives. */
export function Picture(props: PictureProps) {
  const { picture, sizes, largest, priority = false, className = '', decorative = false } = props;
  const avif = srcset(picture, 'avif', largest);
  const src = fallbackFile(picture, largest);
  if (priority) {
    preload(src, {
      as: 'image',
      type: 'image/avif',
      imageSrcSet: avif,
      imageSizes: sizes,
      fetchPriority: 'high',
    });
  }
  return (
    <picture className="contents">
      <source type="image/avif" srcSet={avif} sizes={sizes} />
      <img
        src={src}
        srcSet={srcset(picture, 'webp', largest)}
        sizes={sizes}
        alt={decorative ? '' : picture.alt}
        width={picture.width}
        height={picture.height}
        {...(priority ? { fetchPriority: 'high' as const } : { loading: 'lazy' as const })}
        decoding="async"
        className={`picture ${className}`}
        style={{ backgroundColor: picture.color }}
      />
    </picture>
  );
}
