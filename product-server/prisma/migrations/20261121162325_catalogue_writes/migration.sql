-- DropIndex
DROP INDEX "products_slug_key";

-- DropIndex
DROP INDEX "skus_code_key";

-- DropIndex
DROP INDEX "skus_product_id_position_key";

-- AlterTable
ALTER TABLE "categories" ADD COLUMN     "active" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "depth" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "parent_depth" INTEGER,
ADD COLUMN     "parent_id" UUID;

-- AlterTable
ALTER TABLE "products" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "seller_id" UUID;

-- AlterTable
ALTER TABLE "skus" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "former_slugs" (
    "slug" TEXT NOT NULL,
    "product_id" UUID NOT NULL,

    CONSTRAINT "former_slugs_pkey" PRIMARY KEY ("slug")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "subject" VARCHAR(100) NOT NULL,
    "key" VARCHAR(128) NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "answer" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "imports" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "owner_id" UUID NOT NULL,
    "seller_id" UUID,
    "file" BYTEA,
    "total" INTEGER NOT NULL,
    "processed" INTEGER NOT NULL DEFAULT 0,
    "created" INTEGER NOT NULL DEFAULT 0,
    "updated" INTEGER NOT NULL DEFAULT 0,
    "unchanged" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "imports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_errors" (
    "import_id" UUID NOT NULL,
    "line" INTEGER NOT NULL,
    "slug" TEXT,
    "message" TEXT NOT NULL,

    CONSTRAINT "import_errors_pkey" PRIMARY KEY ("import_id","line")
);

-- CreateIndex
CREATE INDEX "former_slugs_product_id_idx" ON "former_slugs"("product_id");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "idempotency_keys_subject_key_key" ON "idempotency_keys"("subject", "key");

-- CreateIndex
CREATE INDEX "categories_parent_id_idx" ON "categories"("parent_id");

-- CreateIndex
CREATE UNIQUE INDEX "categories_id_depth_key" ON "categories"("id", "depth");

-- CreateIndex
CREATE INDEX "products_seller_id_id_idx" ON "products"("seller_id", "id" DESC);

-- CreateIndex
CREATE INDEX "skus_product_id_position_idx" ON "skus"("product_id", "position");

-- AddForeignKey
ALTER TABLE "categories" ADD CONSTRAINT "categories_parent_id_parent_depth_fkey" FOREIGN KEY ("parent_id", "parent_depth") REFERENCES "categories"("id", "depth") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "former_slugs" ADD CONSTRAINT "former_slugs_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_errors" ADD CONSTRAINT "import_errors_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is deleted gives its name back.
CREATE UNIQUE INDEX "products_slug_key" ON "products"("slug") WHERE "deleted_at" IS NULL;
CREATE UNIQUE INDEX "skus_code_key" ON "skus"("code") WHERE "deleted_at" IS NULL;

-- What must hold whatever the code does.
ALTER TABLE "products"
    ADD CONSTRAINT "products_deleted_check" CHECK ("deleted_at" IS NULL OR "status" = 'HIDDEN');

ALTER TABLE "categories"
    ADD CONSTRAINT "categories_deleted_check" CHECK ("deleted_at" IS NULL OR NOT "active"),
    ADD CONSTRAINT "categories_depth_check" CHECK ("depth" BETWEEN 1 AND 3),
    ADD CONSTRAINT "categories_parent_check" CHECK (
        CASE WHEN "parent_id" IS NULL THEN "parent_depth" IS NULL AND "depth" = 1
            ELSE "parent_depth" IS NOT DISTINCT FROM "depth" - 1 END
    );

ALTER TABLE "imports"
    ADD CONSTRAINT "imports_progress_check" CHECK (
        "processed" BETWEEN 0 AND "total" AND "processed" = "created" + "updated" + "unchanged" + "failed"
    ),
    ADD CONSTRAINT "imports_file_check" CHECK (("file" IS NULL) = ("finished_at" IS NOT NULL));
