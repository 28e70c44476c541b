-- CreateEnum
CREATE TYPE "hold_state" AS ENUM ('HELD', 'CONFIRMED', 'RELEASED', 'EXPIRED');

-- CreateTable
CREATE TABLE "holds" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "owner" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" CHAR(64) NOT NULL,
    "state" "hold_state" NOT NULL DEFAULT 'HELD',
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "holds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hold_items" (
    "hold_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "sku_id" UUID NOT NULL,
    "quantity" INTEGER NOT NULL,
    "price" INTEGER NOT NULL,

    CONSTRAINT "hold_items_pkey" PRIMARY KEY ("hold_id","position")
);

-- CreateIndex
CREATE UNIQUE INDEX "holds_owner_key_key" ON "holds"("owner", "key");

-- CreateIndex
CREATE INDEX "hold_items_sku_id_idx" ON "hold_items"("sku_id");

-- AddForeignKey
ALTER TABLE "hold_items" ADD CONSTRAINT "hold_items_hold_id_fkey" FOREIGN KEY ("hold_id") REFERENCES "holds"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hold_items" ADD CONSTRAINT "hold_items_sku_id_fkey" FOREIGN KEY ("sku_id") REFERENCES "skus"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- What must hold whatever the code does, and the way to what has expired.
ALTER TABLE "hold_items" ADD CONSTRAINT "hold_items_quantity_check" CHECK ("quantity" > 0 AND "price" >= 0);

CREATE INDEX "holds_due_idx" ON "holds"("expires_at") WHERE "state" = 'HELD';
