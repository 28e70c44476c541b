import { ConfigError } from '@doa-market/common/config';
import type { Config } from '../config.ts';
import { createFolderStore } from './folder-store.ts';
import { createS3Store } from './s3-store.ts';
import type { ImageStore } from './store.ts';

type StoreConfig = Pick<Config, 'IMAGE_STORE' | 'IMAGE_DIR' | 'S3_BUCKET' | 'S3_REGION' | 'S3_ENDPOINT'>;

/** The store that the environment names. @throws {ConfigError} */
export function createImageStore(config: StoreConfig): ImageStore & { close: () => void } {
  if (config.IMAGE_STORE === 'folder') {
    return { ...createFolderStore(config.IMAGE_DIR), close: () => undefined };
  }
  if (!config.S3_BUCKET) throw new ConfigError(['S3_BUCKET is missing']);
  return createS3Store({
    bucket: config.S3_BUCKET,
    region: config.S3_REGION,
    endpoint: config.S3_ENDPOINT,
  });
}
