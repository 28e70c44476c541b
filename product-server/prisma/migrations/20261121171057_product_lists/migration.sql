-- CreateIndex
CREATE INDEX "products_price_id_idx" ON "products"("price", "id");

-- CreateIndex
CREATE INDEX "products_category_id_created_at_id_idx" ON "products"("category_id", "created_at" DESC, "id");

-- CreateIndex
CREATE INDEX "products_category_id_discount_rate_id_idx" ON "products"("category_id", "discount_rate" DESC, "id");

-- CreateIndex
CREATE INDEX "products_category_id_price_id_idx" ON "products"("category_id", "price", "id");
