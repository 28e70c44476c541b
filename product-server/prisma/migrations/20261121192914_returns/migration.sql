-- AlterEnum
ALTER TYPE "hold_state" ADD VALUE 'RETURNED';

-- AlterTable
ALTER TABLE "holds" ADD COLUMN     "settled_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "sales_changes" (
    "id" BIGSERIAL NOT NULL,
    "product_id" UUID NOT NULL,
    "units" INTEGER NOT NULL,

    CONSTRAINT "sales_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "seats_hold_id_idx" ON "seats"("hold_id");


-- Holds that were settled before are forgotten by when they would have ended.
UPDATE "holds" SET "settled_at" = "expires_at" WHERE "state" <> 'HELD';

-- The way to what is forgotten. A transaction cannot name a state that it has added, hence the others.
CREATE INDEX "holds_settled_idx" ON "holds"("settled_at") WHERE "state" NOT IN ('HELD', 'CONFIRMED');
