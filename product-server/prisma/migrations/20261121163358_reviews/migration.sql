-- CreateEnum
CREATE TYPE "review_status" AS ENUM ('PUBLISHED', 'HIDDEN');

-- CreateTable
CREATE TABLE "reviews" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "product_id" UUID NOT NULL,
    "member_id" UUID NOT NULL,
    "author" VARCHAR(20) NOT NULL,
    "rating" SMALLINT NOT NULL,
    "title" VARCHAR(100) NOT NULL,
    "body" VARCHAR(2000) NOT NULL,
    "status" "review_status" NOT NULL DEFAULT 'PUBLISHED',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "reviews_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rating_changes" (
    "id" BIGSERIAL NOT NULL,
    "product_id" UUID NOT NULL,
    "rating" SMALLINT NOT NULL,
    "delta" SMALLINT NOT NULL,

    CONSTRAINT "rating_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_ratings" (
    "product_id" UUID NOT NULL,
    "ones" INTEGER NOT NULL DEFAULT 0,
    "twos" INTEGER NOT NULL DEFAULT 0,
    "threes" INTEGER NOT NULL DEFAULT 0,
    "fours" INTEGER NOT NULL DEFAULT 0,
    "fives" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "product_ratings_pkey" PRIMARY KEY ("product_id")
);

-- CreateTable
CREATE TABLE "product_views" (
    "product_id" UUID NOT NULL,
    "count" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "product_views_pkey" PRIMARY KEY ("product_id")
);

-- CreateTable
CREATE TABLE "view_batches" (
    "id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "view_batches_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "reviews_product_id_status_id_idx" ON "reviews"("product_id", "status", "id" DESC);

-- CreateIndex
CREATE INDEX "reviews_product_id_status_rating_id_idx" ON "reviews"("product_id", "status", "rating" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "reviews_status_id_idx" ON "reviews"("status", "id" DESC);

-- CreateIndex
CREATE INDEX "reviews_member_id_idx" ON "reviews"("member_id");

-- CreateIndex
CREATE UNIQUE INDEX "reviews_product_id_member_id_key" ON "reviews"("product_id", "member_id");

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_ratings" ADD CONSTRAINT "product_ratings_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_views" ADD CONSTRAINT "product_views_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What must hold whatever the code does.
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_rating_check" CHECK ("rating" BETWEEN 1 AND 5);
ALTER TABLE "product_ratings" ADD CONSTRAINT "product_ratings_check"
    CHECK ("ones" >= 0 AND "twos" >= 0 AND "threes" >= 0 AND "fours" >= 0 AND "fives" >= 0);

-- Every change of what is published leaves its difference, in the same transaction; that of other words is none, and
-- tells all the same that the product's page is another. Rows are only added here: reviewers of one product do not wait
-- for each other, nor for anybody who edits the product.
CREATE FUNCTION note_rating_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.status = 'PUBLISHED' THEN
        INSERT INTO rating_changes (product_id, rating, delta) VALUES (OLD.product_id, OLD.rating, -1);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.status = 'PUBLISHED' THEN
        INSERT INTO rating_changes (product_id, rating, delta) VALUES (NEW.product_id, NEW.rating, 1);
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER reviews_change_ratings AFTER INSERT OR UPDATE OR DELETE ON reviews
    FOR EACH ROW EXECUTE FUNCTION note_rating_change();

-- Ratings without reviews were never given by anybody.
UPDATE products SET rating = NULL, review_count = 0 WHERE rating IS NOT NULL OR review_count > 0;
