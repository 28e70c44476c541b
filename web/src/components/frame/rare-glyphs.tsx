'use client';

import { useEffect } from 'react';

/**
 * Declares the font's slices for the characters that the core font lacks. There are almost a hundred of them, and
 * most pages need none: the declarations wait until the page is there.
 */
export function RareGlyphs() {
  useEffect(() => {
    import('../../styles/fonts/slices').catch(() => {
      // Those few characters stay in the system's font.
    });
  }, []);
  return null;
}
