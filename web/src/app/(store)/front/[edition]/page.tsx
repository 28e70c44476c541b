import { getHome } from '../../../../api/catalogue';
import { JsonLd } from '../../../../components/json-ld';
import { ShownTags } from '../../../../components/shown-tags';
import { HomePage } from '../../../../domains/catalogue/home-page';
import { organization } from '../../../../domains/catalogue/structured-data';
import { pageMetadata, SITE_DESCRIPTION } from '../../../page-metadata';

export const revalidate = 60;
export const metadata = pageMetadata({ description: SITE_DESCRIPTION, path: '/' });

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
      <ShownTags />
    </>
  );
}
