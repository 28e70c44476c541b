'use client';

import { ErrorMessage } from '../components/error-message';

export default function ErrorPage() {
  return <ErrorMessage retry={() => location.reload()} />;
}
