import type { Metadata } from 'next';
import { getHome } from '../../../../api/catalogue';
import { JsonLd } from '../../../../components/json-ld';
import { HomePage } from '../../../../domains/catalogue/home-page';
import { organization } from '../../../../domains/catalogue/structured-data';

export const revalidate = 60;
export const metadata: Metadata = { alternates: { canonical: '/' } };

/** None at build time: the first request makes the page. */
export function generateStaticParams() {
  return [];
}

export default async function Page() {
  const home = await getHome();
  return (
    <>
      <JsonLd data={organization()} />
      <HomePage home={home} />
    </>
  );
}
