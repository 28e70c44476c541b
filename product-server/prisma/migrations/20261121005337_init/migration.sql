-- CreateEnum
CREATE TYPE "product_status" AS ENUM ('DRAFT', 'ACTIVE', 'OUT_OF_STOCK', 'HIDDEN');

-- CreateTable
CREATE TABLE "images" (
    "hash" CHAR(32) NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "color" CHAR(7) NOT NULL,

    CONSTRAINT "images_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "categories" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "image_hash" CHAR(32) NOT NULL,

    CONSTRAINT "categories_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "products" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "brand" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "category_id" UUID NOT NULL,
    "price" INTEGER NOT NULL,
    "list_price" INTEGER NOT NULL,
    "discount_rate" INTEGER NOT NULL,
    "rating" DECIMAL(2,1),
    "review_count" INTEGER NOT NULL DEFAULT 0,
    "sales_count" INTEGER NOT NULL DEFAULT 0,
    "status" "product_status" NOT NULL DEFAULT 'DRAFT',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "products_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_images" (
    "product_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "image_hash" CHAR(32) NOT NULL,
    "alt" TEXT NOT NULL,

    CONSTRAINT "product_images_pkey" PRIMARY KEY ("product_id","position")
);

-- CreateTable
CREATE TABLE "product_options" (
    "product_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "values" TEXT[],

    CONSTRAINT "product_options_pkey" PRIMARY KEY ("product_id","position")
);

-- CreateTable
CREATE TABLE "skus" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "code" TEXT NOT NULL,
    "product_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "values" TEXT[],
    "price" INTEGER NOT NULL,
    "on_hand" INTEGER NOT NULL,
    "held" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "skus_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "banners" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "slug" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "subtitle" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "href" TEXT NOT NULL,
    "image_hash" CHAR(32) NOT NULL,
    "alt" TEXT NOT NULL,
    "background" CHAR(7) NOT NULL,
    "foreground" CHAR(7) NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "banners_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "categories_slug_key" ON "categories"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "products_slug_key" ON "products"("slug");

-- CreateIndex
CREATE INDEX "products_category_id_sales_count_id_idx" ON "products"("category_id", "sales_count" DESC, "id");

-- CreateIndex
CREATE INDEX "products_sales_count_id_idx" ON "products"("sales_count" DESC, "id");

-- CreateIndex
CREATE INDEX "products_created_at_id_idx" ON "products"("created_at" DESC, "id");

-- CreateIndex
CREATE INDEX "products_discount_rate_id_idx" ON "products"("discount_rate" DESC, "id");

-- CreateIndex
CREATE UNIQUE INDEX "skus_code_key" ON "skus"("code");

-- CreateIndex
CREATE UNIQUE INDEX "skus_product_id_position_key" ON "skus"("product_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "banners_slug_key" ON "banners"("slug");

-- AddForeignKey
ALTER TABLE "categories" ADD CONSTRAINT "categories_image_hash_fkey" FOREIGN KEY ("image_hash") REFERENCES "images"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "products" ADD CONSTRAINT "products_category_id_fkey" FOREIGN KEY ("category_id") REFERENCES "categories"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_images" ADD CONSTRAINT "product_images_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_images" ADD CONSTRAINT "product_images_image_hash_fkey" FOREIGN KEY ("image_hash") REFERENCES "images"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_options" ADD CONSTRAINT "product_options_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "skus" ADD CONSTRAINT "skus_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "banners" ADD CONSTRAINT "banners_image_hash_fkey" FOREIGN KEY ("image_hash") REFERENCES "images"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What must hold whatever the code does.
ALTER TABLE "products"
    ADD CONSTRAINT "products_price_check" CHECK ("price" >= 0 AND "price" <= "list_price"),
    ADD CONSTRAINT "products_discount_rate_check" CHECK (
        "discount_rate" = CASE WHEN "list_price" = 0 THEN 0
            ELSE floor(("list_price" - "price")::numeric * 100 / "list_price") END
        AND "discount_rate" < 100
    ),
    ADD CONSTRAINT "products_rating_check" CHECK ("rating" BETWEEN 0 AND 5);

ALTER TABLE "skus"
    ADD CONSTRAINT "skus_stock_check" CHECK ("held" >= 0 AND "held" <= "on_hand"),
    ADD CONSTRAINT "skus_price_check" CHECK ("price" >= 0);
